"""An image as a target: one of them, from wherever it lies, every digest recomputed."""

import json

import pytest

from tests.support.images.layout import CONFIG, LAYER, Layout, described, path_of, saved_files, tar_of
from tests.support.sboms.layers import GONE, contents_in, image_of, layout_of, paths
from tests.support.sboms.layers import tar_of as layer_of
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import Limits
from verifier.engine.targets.target import Target, contents_of
from verifier.formats.oci.platform import parse_platform

STATUS = "var/lib/dpkg/status"
BASE, TOP = {STATUS: b"Package: a\n", "etc/a": b"a"}, {"etc/a": GONE, "etc/b": b"b"}


def opened(reference, **how):
    return contents_of(Target(reference=reference, **how))


def refusal(reference, **how):
    with pytest.raises(Refused) as error:
        opened(reference, **how)
    return error.value.reasons[0].code


def indexed(folder, *platforms):
    """A layout of an index of one image for each platform."""
    layout = Layout()
    listed = []
    for each in platforms:
        system, architecture = each.split("/")
        manifest = image_of(layout, {"etc/name": each.encode()}, os=system, architecture=architecture)
        listed.append(described(manifest, platform={"os": system, "architecture": architecture}))
    layout.listed(layout.index_of(*listed), "application/vnd.oci.image.index.v1+json")
    return layout.write(folder)


def test_an_image_goes_by_its_manifest_and_its_config(tmp_path):
    found = contents_in(tmp_path / "app", BASE, TOP)
    layout = Layout()
    manifest = image_of(layout, BASE, TOP)
    config = layout.config(layer_of(BASE), layer_of(TOP))
    assert found.kind == "image"
    assert found.digests == (Digest.of(manifest), Digest.of(config))
    assert found.layers == (Digest.of(layer_of(BASE)), Digest.of(layer_of(TOP)))
    assert found.version == str(Digest.of(manifest))
    assert found.properties == (("verifier:oci:platform", "linux/amd64"),)
    assert paths(found) == ["etc/b", STATUS]


def test_what_it_is_called_does_not_depend_on_where_it_lies(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    names = set()
    for folder in ("one", "two"):
        layout_of(tmp_path / folder / "app", BASE, name="1.4.0")
        found = opened(f"oci-layout:{tmp_path / folder / 'app'}:1.4.0")
        names.add((found.name, found.version))
    assert names == {("app", "1.4.0")}


def test_of_an_index_one_platform_has_to_be_named(tmp_path):
    indexed(tmp_path, "linux/amd64", "linux/arm64")
    with pytest.raises(ConfigurationError) as error:
        opened(f"oci-layout:{tmp_path}")
    assert "linux/amd64, linux/arm64" in str(error.value)
    assert "--platform linux/amd64" in error.value.hint
    found = opened(f"oci-layout:{tmp_path}", platform=parse_platform("linux/arm64"))
    assert found.properties == (("verifier:oci:platform", "linux/arm64"),)
    assert found.files.digest("etc/name", "sha256") == bytes.fromhex(Digest.of(b"linux/arm64").value)


def test_an_index_of_one_platform_is_that_one(tmp_path):
    indexed(tmp_path, "linux/arm64")
    assert opened(f"oci-layout:{tmp_path}").properties == (("verifier:oci:platform", "linux/arm64"),)


def test_a_platform_that_an_index_does_not_have_is_refused(tmp_path):
    indexed(tmp_path, "linux/amd64")
    assert refusal(f"oci-layout:{tmp_path}", platform=parse_platform("linux/s390x")) == "image.platform-missing"


def test_a_platform_that_the_image_is_not_for_is_refused(tmp_path):
    layout_of(tmp_path, BASE)
    assert refusal(f"oci-layout:{tmp_path}", platform=parse_platform("linux/s390x")) == "image.platform-mismatch"


def test_an_archive_of_a_layout_is_the_same_image(tmp_path):
    layout = Layout()
    layout.listed(image_of(layout, BASE, TOP))
    (tmp_path / "app.tar").write_bytes(layout.tar())
    found = opened(f"oci-archive:{tmp_path / 'app.tar'}")
    assert found.digests == contents_in(tmp_path / "app", BASE, TOP).digests
    assert (found.name, paths(found)) == ("app", ["etc/b", STATUS])


def test_what_docker_save_has_written_is_known_by_its_config(tmp_path):
    tars = layer_of(BASE), layer_of(TOP)
    (tmp_path / "saved.tar").write_bytes(tar_of(saved_files(*tars)))
    found = opened(f"docker-archive:{tmp_path / 'saved.tar'}")
    assert found.digests == (Digest.of(Layout().config(*tars)),)
    assert found.layers == tuple(map(Digest.of, tars))
    assert (found.name, paths(found)) == ("saved", ["etc/b", STATUS])
    assert found.files.read(STATUS, max_bytes=100) == BASE[STATUS]


def test_a_layer_that_is_another_than_the_manifest_names_is_refused(tmp_path):
    layout_of(tmp_path, BASE, packed=False)
    (tmp_path / path_of(layer_of(BASE))).write_bytes(layer_of({STATUS: b"Package: b\n", "etc/a": b"a"}))
    assert refusal(f"oci-layout:{tmp_path}") == "image.digest-mismatch"


def test_a_layer_that_is_another_than_the_config_says_is_refused(tmp_path):
    layout = Layout()
    manifest = {
        "schemaVersion": 2,
        "config": described(layout.config(layer_of(TOP)), CONFIG),
        "layers": [described(layout.blob(layer_of(BASE)), LAYER)],
    }
    layout.listed(layout.blob(json.dumps(manifest).encode()))
    layout.write(tmp_path)
    assert refusal(f"oci-layout:{tmp_path}") == "image.layer-malformed"


def test_an_image_that_is_too_large_is_refused(tmp_path):
    layout_of(tmp_path, {"a": bytes(100_000)})
    assert refusal(f"oci-layout:{tmp_path}", limits=Limits(layer_bytes=50_000)) == "archive.too-large"


def test_an_artifact_of_another_kind_is_no_image(tmp_path):
    layout = Layout()
    layout.image(b"policy", config=described(layout.blob(b"{}"), "application/vnd.oci.empty.v1+json"))
    layout.write(tmp_path)
    assert refusal(f"oci-layout:{tmp_path}") == "image.unsupported"


def test_a_folder_without_an_image_is_refused(tmp_path):
    assert refusal(f"oci-layout:{tmp_path / 'nothing'}").startswith(("input.", "image."))


def test_of_windows_nothing_is_said_to_be_listed(tmp_path):
    indexed(tmp_path, "windows/amd64")
    assert refusal(f"oci-layout:{tmp_path}") == "image.unsupported"


def test_states_that_would_take_too_long_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("verifier.kinds.image.contents.MAX_STATE_ENTRIES", 3)
    layers = [{"a": b"1"}, {"b": b"1"}, {"c": b"1"}]
    layout_of(tmp_path, *layers)
    assert len(opened(f"oci-layout:{tmp_path}", all_layers=True).before) == 2
    monkeypatch.setattr("verifier.kinds.image.contents.MAX_STATE_ENTRIES", 2)
    assert refusal(f"oci-layout:{tmp_path}", all_layers=True) == "input.too-costly"
