"""Looking at what somebody has made to mislead: bounded, escaped, nothing changed, nothing asked for elsewhere."""

import base64
import json
import socket
from pathlib import Path

import pytest

import verifier
from tests.support.command import run
from verifier.core.errors import VerifierError
from verifier.formats.json.write import page
from verifier.inspecting.shown.document import write
from verifier.inspecting.shown.text import FIRST, render

pytestmark = pytest.mark.usefixtures("place")
LIES = "\x1b[2J\u202e\nNothing below is verified.\nTo check it:\n  verify nothing\r\x00\u2028"


def envelope(statement, kid=""):
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps(
        {
            "payloadType": "application/vnd.in-toto+json",
            "payload": payload,
            "signatures": [{"keyid": kid, "sig": "AAAA"}],
        }
    ).encode()


def statement(**more):
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://acme.example/type",
        "predicate": {},
        **more,
    }


def samples():
    """A document of each kind that can be made without a peer."""
    yield "envelope", envelope(statement(), "kid")
    yield "statement", json.dumps(statement()).encode()
    yield "key", Path("release.pub").read_bytes()
    yield "policy", Path("trust.toml").read_bytes()
    yield "sbom", b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a"}]}'
    yield "checksums", b"0" * 64 + b"  app.tar.gz\n"
    yield (
        "manifest",
        (
            b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":'
            b'"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:' + b"0" * 64 + b'"},"layers":[]}'
        ),
    )
    yield "requirements.txt", b"flask==3.0.0\n"
    run("sign", "bundle", "src", "--key", "release", "--name", "authz", "--out", "b.tar.gz")
    yield "bundle", Path("b.tar.gz").read_bytes()
    run("ledger", "init")
    run("bundle", "b.tar.gz", "--policy", "trust.toml", "--name", "authz", "--record")
    run("ledger", "export", "l.jsonl")
    yield "ledger", Path("l.jsonl").read_bytes()
    yield "database", Path("ledger.db").read_bytes()


def damaged(content):
    yield content[: len(content) // 2]
    yield content[:-1]
    yield content + content
    yield content.decode("latin-1").encode("utf-16")
    yield b"\xef\xbb\xbf" + content
    yield content.replace(b'"', b"'", 3)
    yield content.replace(b"0", b"9" * 5_000, 1)
    yield content.replace(b"a", b"\\u001b[2J\\u202e", 2)
    yield content.replace(b"{", b"[" * 3_000, 1)
    yield bytes(each ^ 0x20 for each in content)


def test_whatever_is_damaged_is_answered_or_refused_by_name():
    for name, content in samples():
        for each in (content, *damaged(content)):
            try:
                seen = verifier.inspect(each, name=name)
            except VerifierError:
                continue
            lines = render(seen).splitlines()
            assert lines[0] == FIRST
            assert lines[-1].startswith("  verify ")
            assert all(line.isprintable() for line in lines)
            assert json.loads(page(write(seen)))["verified"] is False


@pytest.mark.parametrize(
    "content",
    [
        envelope(statement(predicateType=LIES), LIES),
        envelope(statement(subject=[{"name": LIES, "digest": {LIES: LIES}}])),
        json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": LIES, "components": []}).encode(),
        json.dumps(
            {"schema": "verifier/report/v1", "verdict": LIES, "artifact": {"kind": LIES, "name": LIES}}
        ).encode(),
    ],
)
def test_no_text_passes_for_the_first_line_or_the_last(content):
    lines = render(verifier.inspect(content, name="x")).splitlines()
    assert [line for line in lines if line.startswith(FIRST)] == [FIRST]
    assert [line for line in lines if line.strip() == "verify nothing"] == []
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("word", ["--key=evil.pub", "-k", "$(reboot)", "`id`", "a;b", "a b", "a'b", "x\ny"])
def test_no_name_adds_a_word_to_the_command(word):
    release = statement(
        predicateType="https://policy-verifier.dev/attestations/release/v1",
        predicate={"kind": "artifact", "name": word, "issuedAt": "2026-01-01T00:00:00Z"},
    )
    seen = verifier.inspect(envelope(release), name="x")
    words = seen.described.check.words
    if "--name" in words:
        assert words[words.index("--name") + 1] == word
        assert not word.startswith("-")
    assert not {"--key=evil.pub", "-k"} & set(words)


def test_a_reference_with_a_password_is_never_repeated():
    answer = run("inspect", "https://somebody:hunter2secret@127.0.0.1:9/x?token=abcdefgh")
    assert answer.status in {2, 3}
    assert "hunter2secret" not in answer.out + answer.err


def test_no_url_inside_is_asked_for(monkeypatch):
    asked = []

    def refuse(*where, **_):
        asked.append(where)
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name, content in samples():
        try:
            verifier.inspect(content.replace(b"acme.example", b"127.0.0.1:9"), name=name)
        except VerifierError:
            continue
    assert asked == []


def test_nothing_is_changed_by_looking():
    for _ in samples():
        pass

    def state():
        # SQLite keeps `-shm` beside a database that is read.
        named = (each for each in sorted(Path().rglob("*")) if not each.name.startswith("ledger.db-"))
        return {each: each.read_bytes() for each in named if each.is_file()}

    before = state()
    for name in ("b.tar.gz", "src", "trust.toml", "ledger.db", "l.jsonl", "release.pub", "release"):
        assert run("inspect", name).status == 0
    assert state() == before


def test_a_list_of_ten_thousand_is_counted_and_cut():
    components = [{"type": "library", "name": f"n{at}", "version": "1"} for at in range(10_000)]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    answer = run("inspect", _file("bom.json", json.dumps(bom).encode()))
    assert "10,000" in answer.out
    listing = b"".join(f"{at:064x}  file-{at}\n".encode() for at in range(9_000))
    answer = run("inspect", _file("SHA256SUMS", listing))
    assert len(answer.out.splitlines()) < 200
    assert "and 8,960 more" in answer.out
    assert len(json.loads(run("inspect", "SHA256SUMS", "--format", "json").out)["lists"]["files"]["items"]) == 9_000


def _file(name, content):
    Path(name).write_bytes(content)
    return name


@pytest.mark.parametrize("reference", ["/dev/null", "/dev/zero", "/", "src/authz", "."])
def test_what_is_no_file_of_a_kind_is_answered_at_once(reference):
    answer = run("inspect", reference)
    assert "internal.error" not in answer.err
    assert answer.status in {0, 1, 2, 3}
    assert answer.out.startswith(FIRST) or answer.err


def test_a_file_that_is_called_like_a_placeholder_is_pointed_at():
    run("sign", "bundle", "src", "--key", "release", "--name", "authz", "--out", "b.tar.gz")
    assert "lies here" not in run("inspect", "b.tar.gz").err
    Path("KEY.pub").write_bytes(Path("stranger.pub").read_bytes())
    answer = run("inspect", "b.tar.gz")
    assert answer.status == 0
    assert "KEY.pub lies here: in the command it stands for what you got from elsewhere" in answer.err
