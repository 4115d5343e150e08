"""Publishing by the action: behind the gate, after the verification, and the verdict only once it is there."""

import json

from tests.support.command import run

PLACE = "oci-layout:published:1.4.0"


def tags(folder):
    index = json.loads((folder / "index.json").read_text())
    return {each.get("annotations", {}).get("org.opencontainers.image.ref.name") for each in index["manifests"]}


def test_what_passes_is_published_and_has_a_verdict(repository):
    repository.build("1.4.0")
    signed = {"verdict": "v.json", "signing_key": repository.signing_key}
    done = repository.action(memory="cache", first_use="true", publish=PLACE, **signed)
    assert done.succeeded, done.log
    assert "@sha256:" in done.outputs["published"]
    assert "1.4.0" in tags(repository.workspace / "published")
    assert done.outputs["verdict-file"] == "v.json"
    assert done.outputs["published"].rpartition("@")[2] in done.summary


def test_what_is_denied_is_not_published(repository):
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    repository.build("1.3.0")
    done = repository.action(memory="cache", expect_head=first.outputs["head"], publish=PLACE)
    assert (done.outcomes["Publish"], done.outputs["published"]) == ("skipped", "")
    assert not (repository.workspace / "published").exists()


def test_what_the_gate_refuses_has_no_verdict(repository):
    """The tag has moved on since it was verified."""
    repository.build("1.5.0")
    assert run("publish", "authz.tar.gz", "oci-layout:published:stable").status == 0
    repository.build("1.4.0")
    signed = {"verdict": "v.json", "signing_key": repository.signing_key}
    done = repository.action(memory="cache", first_use="true", publish="oci-layout:published:stable", **signed)
    assert (done.outcomes["Verify"], done.outcomes["Publish"]) == ("success", "failure"), done.log
    assert "Not published" in done.titles("error")
    assert (done.outputs["verdict-file"], done.outputs["published"]) == ("", "")
    assert not (repository.workspace / "v.json").exists()


def test_it_is_published_under_a_key_that_is_gone_afterwards(repository):
    repository.build("1.4.0")
    key = (repository.workspace / "keys" / "release").read_text()
    done = repository.action(memory="cache", first_use="true", publish=PLACE, publish_key=key)
    assert done.succeeded, done.log
    assert "PRIVATE KEY" not in done.log
    left = [
        file
        for file in (repository.folder / "runner").rglob("*")
        if file.is_file() and b"PRIVATE KEY" in file.read_bytes()
    ]
    assert left == []
