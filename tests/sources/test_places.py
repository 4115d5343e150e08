"""What a reference of an image leads to, and what a mistyped one is told."""

from pathlib import Path

import pytest

from tests.support.images.layout import Layout, opened, saved_files, sha256, tar_of
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.sources.places import LocalReference, local_reference

HEX = "0123456789abcdef" * 4
DIGEST = Digest(algorithm="sha256", value=HEX)


def hint(reference):
    with pytest.raises(ConfigurationError) as refused:
        opened(reference)
    return refused.value.hint


class TestLocalReferences:
    @pytest.mark.parametrize(
        ("reference", "path", "name", "digest"),
        [
            ("oci-layout:dir", "dir", None, None),
            ("oci-layout:/a/b:1.2.3", "/a/b", "1.2.3", None),
            ("oci-layout:dir:registry.acme.example:5000/app:1", "dir", "registry.acme.example:5000/app:1", None),
            (f"oci-layout:dir@sha256:{HEX}", "dir", None, DIGEST),
            (f"oci-layout:dir:1@sha256:{HEX}", "dir", "1", DIGEST),
            ("oci-archive:me@home/app.tar", "me@home/app.tar", None, None),
            ("docker-archive:app.tar:acme/app:1", "app.tar", "acme/app:1", None),
        ],
    )
    def test_path_name_and_digest_are_told_apart(self, reference, path, name, digest):
        scheme = reference.partition(":")[0]
        expected = LocalReference(scheme=scheme, path=Path(path), name=name, digest=digest)
        assert local_reference(reference) == expected

    @pytest.mark.parametrize(
        "reference",
        [
            "oci-layout:",
            "oci-layout::1",
            "oci-layout:dir:",
            "oci-archive:",
            "docker-archive:",
            "oci-layout:dir@sha256:abc",
            f"oci-layout:dir@sha256:{HEX.upper()}",
            f"docker-archive:app.tar@sha256:{HEX}",
        ],
    )
    def test_what_is_broken_is_told_with_its_form(self, reference):
        assert reference.partition(":")[0] in hint(reference)

    @pytest.mark.parametrize("reference", ["", "alpine", "registry.acme.example/app:1", "OCI-LAYOUT:dir", "oci-layout"])
    def test_anything_else_is_none(self, reference):
        assert local_reference(reference) is None

    def test_the_reference_is_told_as_it_was_given(self, tmp_path):
        layout = Layout()
        image = layout.image(b"one", name="1")
        reference = f"oci-layout:{layout.write(tmp_path)}:1@{sha256(image)}"
        place = opened(reference)
        assert (place.uri, place.tag, place.repository) == (reference, None, None)
        place.close()


class TestMistypedReferences:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            ("alpine:3", "Name the registry: docker.io/library/alpine:3"),
            ("alpine", "Name the registry: docker.io/library/alpine:TAG"),
            ("nginx/nginx:1", "Name the registry: docker.io/nginx/nginx:1"),
            ("docker://alpine:3", "Name the registry: docker.io/library/alpine:3"),
            ("docker://registry.acme.example/app", "Name the image that is meant: registry.acme.example/app:TAG"),
            ("registry.acme.example/app", "Name the image that is meant: registry.acme.example/app:TAG"),
            ("oci:layout:1", "Name the layout as oci-layout:layout:1"),
            ("ocidir://layout:1", "Name the layout as oci-layout:layout:1"),
            ("oci-layout://layout:1", "Write oci-layout:PATH[:TAG]"),
            (f"r.acme.example/app:sha256:{'0' * 64}", f"Name it by its digest: r.acme.example/app@sha256:{'0' * 64}"),
            ("dir:layout", "skopeo copy dir:DIR oci:OTHER"),
            ("docker-daemon:app:1", "docker save IMAGE -o FILE"),
            ("containers-storage:app", "skopeo copy containers-storage:IMAGE"),
        ],
    )
    def test_the_one_thing_to_do_is_said(self, reference, expected):
        assert expected in hint(reference)

    @pytest.mark.parametrize(
        "reference", ["docker://registry.acme.example/app:1", "https://registry.acme.example/app:1"]
    )
    def test_a_scheme_of_others_is_left_out(self, reference):
        assert hint(reference) == "Leave out what stands before the registry: registry.acme.example/app:1"

    def test_a_broken_tag_is_not_told_to_get_another(self):
        assert ":TAG" not in hint("registry.acme.example/app: 1")

    def test_a_folder_is_named_as_a_layout(self, tmp_path):
        assert hint(str(tmp_path)) == f"Name the layout as oci-layout:{tmp_path}"
        assert hint(f"{tmp_path}:1") == f"Name the layout as oci-layout:{tmp_path}:1"

    def test_a_file_is_named_as_what_it_is(self, tmp_path):
        layout = Layout()
        layout.image(b"one")
        for name, content in (("layout", layout.tar()), ("saved", tar_of(saved_files(b"one"))), ("other", b"text")):
            (tmp_path / name).write_bytes(content)
        assert hint(f"{tmp_path}/layout") == f"Name the archive as oci-archive:{tmp_path}/layout"
        assert hint(f"{tmp_path}/saved:app:1") == f"Name the archive as docker-archive:{tmp_path}/saved:app:1"
        assert hint(f"{tmp_path}/other") == (
            f"It is no archive of an image: a file is `verify artifact {tmp_path}/other`."
        )

    @pytest.mark.parametrize(
        "reference", ["", " ", "Registry.acme.example/App:1", "a:b:c", "\x00", "x" * 9_999, "@", "-"]
    )
    def test_what_is_nothing_known_is_refused_all_the_same(self, reference):
        hint(reference)

    def test_a_password_is_not_repeated(self):
        with pytest.raises(ConfigurationError) as refused:
            opened("https://user:hunter2@registry.acme.example/app")
        assert "hunter2" not in str(refused.value) + refused.value.hint
