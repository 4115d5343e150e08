"""Images that are carried elsewhere with what signs them: from each registry into a layout, and judged there."""

import json
import tarfile

import pytest

from tests.support.command import ask
from tests.support.images.layout import described, named, path_of
from tests.support.peers.builders import Builders

pytestmark = pytest.mark.interop
SIGNING = ("--key", "cosign.key", "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y")


@pytest.fixture(scope="module")
def made(any_registry, tmp_path_factory):
    """In the registry `app:1`, signed with cosign as a bundle."""
    made = Builders(folder=tmp_path_factory.mktemp("made"))
    made.run("crane", "append", "-f", made.layer(app=b"#!/bin/true\n"), "-t", f"{any_registry.host}/app:1")
    digest = made.run("crane", "digest", f"{any_registry.host}/app:1").strip()
    made.run("cosign", "generate-key-pair")
    made.run("cosign", "sign", *SIGNING, f"{any_registry.host}/app@{digest}")
    return made


def accepted(made, reference):
    """The exit status, and what denies."""
    answer = ask("image", reference.replace("DIR", str(made.folder)), "--key", made.folder / "cosign.pub")
    return answer.status, answer.codes


def carried(made, host, how):
    """The name of a layout that a tool has copied the image into, with what refers to it."""
    if how == "oras":
        made.run("oras", "cp", "-r", "--from-plain-http", f"{host}/app:1", "--to-oci-layout", "oras:1")
    else:
        made.regctl("registry", "set", "--tls", "disabled", host)
        made.regctl("image", "copy", "--referrers", f"{host}/app:1", "ocidir://regctl:1")
    return how


@pytest.mark.parametrize("how", ["oras", "regctl"])
def test_a_signature_that_is_carried_along_counts(made, any_registry, how):
    name = carried(made, any_registry.host, how)
    for reference in (f"oci-layout:DIR/{name}:1", f"oci-layout:DIR/{name}"):
        assert accepted(made, reference) == (0, [])


def test_so_it_does_in_a_tar_of_the_layout(made, any_registry):
    name = carried(made, any_registry.host, "oras")
    with tarfile.open(made.folder / "carried.tar.gz", "w:gz") as tar:
        tar.add(made.folder / name, arcname=".")
    assert accepted(made, "oci-archive:DIR/carried.tar.gz:1") == (0, [])


def test_an_index_that_is_carried_along_is_the_image(made, any_registry):
    """oras lists its manifests and their signatures beside it."""
    host = any_registry.host
    made.run("crane", "index", "append", "-m", f"{host}/app:1", "-t", f"{host}/app:index")
    digest = made.run("crane", "digest", f"{host}/app:index").strip()
    made.run("cosign", "sign", *SIGNING, f"{host}/app@{digest}")
    made.run("oras", "cp", "-r", "--from-plain-http", f"{host}/app:index", "--to-oci-layout", "index:1")
    assert len(made.index("index")) > 2
    for reference in ("oci-layout:DIR/index", "oci-layout:DIR/index:1"):
        assert accepted(made, reference) == (0, [])


def test_cosign_saves_no_bundle(made, any_registry):
    """What it saves has signatures in the old format alone: nothing is left of this one."""
    digest = made.run("crane", "digest", f"{any_registry.host}/app:1").strip()
    made.run("cosign", "save", "--allow-http-registry", "--dir", "saved", f"{any_registry.host}/app@{digest}")
    kinds = [each["annotations"]["kind"] for each in made.index("saved")]
    assert kinds == ["dev.cosignproject.cosign/image"]
    assert accepted(made, "oci-layout:DIR/saved") == (1, ["signature.missing"])


def test_a_signature_of_another_image_that_is_carried_along_counts_for_nothing(made, any_registry):
    """The listing is made to say that it refers to this one."""
    host = any_registry.host
    made.run("crane", "append", "-f", made.layer(app=b"#!/bin/false\n"), "-t", f"{host}/app:2")
    made.run("oras", "cp", "-r", "--from-plain-http", f"{host}/app:1", "--to-oci-layout", "moved:1")
    made.run("oras", "cp", "--from-plain-http", f"{host}/app:2", "--to-oci-layout", "moved:2")
    assert accepted(made, "oci-layout:DIR/moved:2") == (1, ["signature.missing"])
    entries = made.index("moved")
    other = next(each["digest"] for each in entries if _name(each) == "2")
    listed = [each for each in entries if _name(each) is None]
    index = json.dumps({"schemaVersion": 2, "manifests": listed}).encode()
    _add(made.folder / "moved", index, f"sha256-{other[7:]}")
    assert accepted(made, "oci-layout:DIR/moved:2") == (1, ["attestation.subject-mismatch"])


def _name(entry):
    return entry.get("annotations", {}).get("org.opencontainers.image.ref.name")


def _add(folder, content, name):
    """List an index in a layout under a name."""
    (folder / path_of(content)).write_bytes(content)
    document = json.loads((folder / "index.json").read_bytes())
    entry = described(content, "application/vnd.oci.image.index.v1+json", annotations=named(name))
    document["manifests"].append(entry)
    (folder / "index.json").write_text(json.dumps(document))
