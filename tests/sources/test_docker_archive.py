"""What `docker save` and its relatives write: without a manifest, and with one."""

import json

import pytest

from tests.support.archives.tars import member
from tests.support.images.layout import (
    LAYER,
    Layout,
    described,
    descriptor,
    link,
    opened,
    packed,
    path_of,
    saved_files,
    sha256,
    tar_of,
    written,
)
from tests.support.material import codes
from verifier.core.errors import Absent, Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST


@pytest.fixture
def place(tmp_path):
    """Opens a tar as an archive of `docker save`; `rest` of the reference is behind its path."""
    places = []

    def opening(tar, rest=""):
        (tmp_path / "saved.tar").write_bytes(tar)
        places.append(opened(f"docker-archive:{tmp_path / 'saved.tar'}{rest}"))
        return places[-1]

    yield opening
    for each in places:
        each.close()


def refusal(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return codes(refused)[0]


def two_images():
    one, two = saved_files(b"one", tags=("acme/app:1",)), saved_files(b"two", tags=("acme/app:2",))
    both = json.loads(one["manifest.json"]) + json.loads(two["manifest.json"])
    return one | two | {"manifest.json": written(both)}


class TestWithoutAManifest:
    def test_nothing_can_be_decided_about_its_signature(self, place):
        found = place(tar_of(saved_files(b"one")))
        with pytest.raises(Refused, match="the image's id is sha256:") as refused:
            found.resolve()
        assert codes(refused) == ["image.no-manifest"]
        assert refused.value.reasons[0].is_undecided

    def test_config_and_layers_are_read_all_the_same(self, place):
        files = saved_files(b"one", b"two")
        found = place(tar_of(files))
        image = found.unsigned_image()
        assert (str(image.descriptor.digest), image.content) == (sha256(image.content), files[_config_of(files)])
        assert [str(each.digest) for each in image.layers] == [str(each) for each in image.config.diff_ids]
        assert [found.blob(each, max_bytes=3) for each in image.layers] == [b"one", b"two"]
        assert found.blob(image.descriptor, max_bytes=10_000) == image.content

    def test_layers_are_of_the_type_of_their_bytes(self, place):
        zstd = b"\x28\xb5\x2f\xfd and so on"
        image = place(tar_of(saved_files(b"plain", packed(b"one"), zstd))).unsigned_image()
        assert [each.media_type for each in image.layers] == [LAYER, f"{LAYER}+gzip", f"{LAYER}+zstd"]

    def test_skopeo_s_links_are_followed(self, place):
        files = saved_files(b"one")
        (path,) = json.loads(files["manifest.json"])[0]["Layers"]
        hexadecimal = path.partition("/")[0]
        content = files.pop(path)
        tar = tar_of(files | {f"{hexadecimal}.tar": content}, link(path, f"../{hexadecimal}.tar"))
        found = place(tar)
        assert found.blob(found.unsigned_image().layers[0], max_bytes=3) == b"one"

    def test_crane_s_names_are_read(self, place):
        config = Layout().config(b"one")
        layer = packed(b"one")
        name, path = sha256(config), f"{sha256(layer)[7:]}.tar.gz"
        listed = [{"Config": name, "RepoTags": ["registry.acme.example/app:1"], "Layers": [path]}]
        found = place(tar_of({name: config, path: layer, "manifest.json": written(listed)}))
        image = found.unsigned_image()
        assert (str(image.descriptor.digest), image.layers[0].media_type) == (name, f"{LAYER}+gzip")

    def test_of_several_images_the_one_that_is_named(self, place):
        found = place(tar_of(two_images()), ":acme/app:2")
        assert (found.tag, found.blob(found.unsigned_image().layers[0], max_bytes=3)) == ("acme/app:2", b"two")

    @pytest.mark.parametrize("name", ["docker.io/acme/app:2", "acme/app:2"])
    def test_a_name_is_the_same_in_short_and_in_full(self, place, name):
        assert place(tar_of(two_images()), f":{name}").unsigned_image().config.diff_ids

    def test_of_several_images_none_is_chosen(self, place):
        found = place(tar_of(two_images()))
        assert refusal(found.resolve) == refusal(found.unsigned_image) == "image.ambiguous-reference"

    def test_one_name_for_two_images_is_refused(self, place):
        files = two_images()
        files["manifest.json"] = files["manifest.json"].replace(b"app:2", b"app:1")
        assert refusal(place(tar_of(files), ":acme/app:1").resolve) == "image.ambiguous-reference"

    def test_a_name_that_nothing_has_is_refused(self, place):
        assert refusal(place(tar_of(two_images()), ":acme/app:3").resolve) == "input.unreadable"

    def test_nothing_lies_beside_it(self, place):
        found = place(tar_of(saved_files(b"one")))
        digest = found.unsigned_image().descriptor.digest
        assert found.referrers(digest).descriptors == ()
        assert found.tagged("sha256-x.sig") is None
        assert refusal(found.manifest, digest) == "image.no-manifest"

    def test_what_it_does_not_have_is_absent(self, place):
        found = place(tar_of(saved_files(b"one")))
        with pytest.raises(Absent):
            list(found.stream(descriptor(b"elsewhere")))

    def test_a_layout_that_lists_nothing_is_no_manifest_either(self, place):
        files = saved_files(b"one") | {
            "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
            "index.json": b'{"schemaVersion":2,"manifests":null}',
        }
        assert refusal(place(tar_of(files)).resolve) == "image.no-manifest"


class TestHostile:
    def listing(self, **changed):
        files = saved_files(b"one")
        listed = json.loads(files["manifest.json"])
        listed[0] |= changed
        return tar_of(files | {"manifest.json": written(listed)})

    @pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "a//b", "./../x", "x\x00y"])
    def test_paths_that_lead_out_are_refused(self, place, path):
        assert refusal(place, self.listing(Layers=[path])) == "archive.unsafe-name"
        assert refusal(place, self.listing(Config=path)) == "archive.unsafe-name"

    def test_paths_that_lead_nowhere_are_refused(self, place):
        assert refusal(place(self.listing(Layers=["nowhere"])).unsigned_image) == "image.malformed"
        assert refusal(place(self.listing(Config="nowhere")).resolve) == "image.malformed"

    @pytest.mark.parametrize(
        ("links", "code"),
        [
            ([("a", "b"), ("b", "a")], "archive.special-member"),
            ([("a", "a")], "archive.special-member"),
            ([("a", "../../etc/passwd")], "image.malformed"),
            ([("a", "/etc/passwd")], "image.malformed"),
            ([("a", "nowhere")], "image.malformed"),
            ([(chr(97 + step), chr(98 + step)) for step in range(20)], "archive.special-member"),
        ],
    )
    def test_links_that_lead_out_or_round_are_not_followed(self, place, links, code):
        tar = tar_of(
            saved_files(b"one") | {"manifest.json": written([_listed(b"one", Layers=["a"])])},
            *(link(name, target) for name, target in links),
        )
        assert refusal(place(tar).unsigned_image) == code

    @pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"null", b"[1]", b'[{"Config":1}]', b'[{"Layers":[]}]'])
    def test_a_manifest_json_that_is_none_is_refused(self, place, document):
        assert refusal(place, tar_of({"manifest.json": document})).startswith(("image.malformed", "json.invalid"))

    @pytest.mark.parametrize(
        "document", [b'[{"Config":"a","Config":"b","Layers":[]}]', b'[{"Config":"a","config":"b","Layers":[]}]']
    )
    def test_a_member_twice_is_refused(self, place, document):
        assert refusal(place, tar_of({"manifest.json": document})).startswith("json.")

    def test_a_config_of_another_number_of_layers_is_refused(self, place):
        (path,) = json.loads(saved_files(b"one")["manifest.json"])[0]["Layers"]
        assert refusal(place(self.listing(Layers=[path, path])).unsigned_image) == "image.malformed"

    def test_a_config_of_5_mib_is_not_read(self, place):
        files = saved_files(b"one", config=b" " * 5 * 1024 * 1024)
        assert refusal(place(tar_of(files)).resolve) == "input.too-large"

    def test_two_manifests_are_refused(self, place):
        tar = tar_of(saved_files(b"one"), member(b"manifest.json", b"[]"))
        assert refusal(place, tar) == "archive.duplicate-member"

    def test_an_archive_without_one_is_told_what_it_may_be(self, place):
        layout = Layout()
        layout.image(b"one")
        with pytest.raises(Refused) as refused:
            place(layout.tar())
        assert codes(refused) == ["image.malformed"]
        assert "oci-archive:FILE" in refused.value.reasons[0].hint


class TestWithALayout:
    """As Docker 25 and regctl write it."""

    def saved(self, layout, *layers, tags=("acme/app:1",), **changed):
        config = layout.config(*layers)
        entry = {
            "Config": path_of(config),
            "RepoTags": list(tags),
            "Layers": [path_of(each) for each in layers],
            "LayerSources": {sha256(each): described(each, LAYER) for each in layers},
        } | changed
        layout.files["manifest.json"] = written([*json.loads(layout.files.get("manifest.json", b"[]")), entry])
        return layout

    def test_its_manifest_counts(self, place):
        layout = Layout()
        image = layout.image(b"one", b"two", name="1", full="docker.io/acme/app:1")
        found = place(self.saved(layout, b"one", b"two").tar())
        assert (found.resolve().content, found.resolve().media_type) == (image, OCI_MANIFEST)

    def test_a_repo_tag_is_a_name(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        two = layout.image(b"two", name="2")
        self.saved(layout, b"one", tags=("acme/app:1",))
        self.saved(layout, b"two", tags=("acme/app:2",))
        assert place(layout.tar(), ":acme/app:2").resolve().content == two
        assert refusal(place(layout.tar()).resolve) == "image.ambiguous-reference"

    def test_an_index_counts_where_one_of_its_manifests_is_named(self, place):
        layout = Layout()
        amd, arm = layout.manifest(b"amd"), {"mediaType": OCI_MANIFEST, "digest": f"sha256:{'1' * 64}", "size": 7}
        index = layout.listed(layout.index_of(described(amd), arm), OCI_INDEX, name="1")
        assert place(self.saved(layout, b"amd").tar()).resolve().content == index

    @pytest.mark.parametrize(
        "changed",
        [
            {"Config": path_of(Layout().config(b"other"))},
            {"Layers": [path_of(b"two"), path_of(b"one")]},
            {"Layers": [path_of(b"one")]},
            {"Layers": []},
            {"Layers": None},
            {"Layers": [path_of(b"one"), "index.json"]},
            {"Layers": [path_of(b"one"), "blobs/sha256/abc"]},
            {"LayerSources": {sha256(b"one"): described(b"other", LAYER)}},
            {"LayerSources": {sha256(b"one"): described(b"one", LAYER) | {"size": 4}}},
        ],
    )
    def test_where_the_two_disagree_it_is_refused(self, place, changed):
        layout = Layout()
        layout.image(b"one", b"two", name="1")
        layout.config(b"other")
        assert refusal(place(self.saved(layout, b"one", b"two", **changed).tar()).resolve) == "image.malformed"

    def test_an_image_that_the_index_does_not_have_is_refused(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        layout.blob(b"hidden")
        self.saved(layout, b"one")
        self.saved(layout, b"hidden", tags=("acme/app:2",))
        assert refusal(place(layout.tar(), ":1").resolve) == "image.malformed"
        assert refusal(place(layout.tar(), ":acme/app:2").resolve) == "image.malformed"

    def test_an_image_that_manifest_json_does_not_have_is_refused(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        layout.image(b"two", name="2")
        assert refusal(place(self.saved(layout, b"one").tar(), ":2").resolve) == "image.malformed"

    def test_one_name_for_two_images_is_refused(self, place):
        layout = Layout()
        layout.image(b"one", full="acme/app:1")
        layout.image(b"two", full="acme/app:2")
        self.saved(layout, b"one", tags=("acme/app:2",))
        self.saved(layout, b"two", tags=("acme/app:1",))
        assert refusal(place(layout.tar(), ":acme/app:2").resolve) == "image.malformed"

    def test_so_is_one_that_is_not_even_asked_for(self, place):
        """`docker load` would load the other under it."""
        layout = Layout()
        layout.image(b"one", name="1", full="docker.io/acme/app:1")
        layout.image(b"two", name="2")
        self.saved(layout, b"one", tags=())
        self.saved(layout, b"two", tags=("acme/app:1",))
        for asked in (":1", ":2", ":docker.io/acme/app:1"):
            assert refusal(place(layout.tar(), asked).resolve) == "image.malformed"

    def test_links_to_blobs_are_followed(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        self.saved(layout, b"one", Layers=["old/layer.tar"])
        assert place(layout.tar(link("old/layer.tar", f"../{path_of(b'one')}"))).resolve().content == image

    def test_a_manifest_that_was_changed_is_refused(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.files[path_of(image)] = image.replace(b"layers", b"Layers")
        assert refusal(place(self.saved(layout, b"one").tar()).resolve) == "image.digest-mismatch"


def _listed(*layers, **changed):
    return json.loads(saved_files(*layers)["manifest.json"])[0] | changed


def _config_of(files):
    return json.loads(files["manifest.json"])[0]["Config"]
