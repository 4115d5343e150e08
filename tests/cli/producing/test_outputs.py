"""Where commands write to: for every command that writes and every option that it reads, never onto that."""

import inspect
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import run
from verifier.cli.options.outputs import WRITTEN
from verifier.cli.options.parameter import Parameter, parameters, part

pytestmark = pytest.mark.usefixtures("place")

SIGNED = {"--key": "release", "--keyid": "k"}
COMMANDS: dict[tuple[str, ...], tuple[dict[str, str], str]] = {
    ("sign", "bundle", "src"): (SIGNED, "--out --detached"),
    ("sign", "artifact", "release.pub"): (SIGNED, "--out"),
    ("attest", "release.pub"): ({**SIGNED, "--predicate": "p.json", "--type": "https://x/y"}, "--out"),
    ("bundle", "authz.tar.gz"): ({"--policy": "trust.toml", "--signing-key": "ci"}, "--verdict-out"),
    ("artifact", "release.pub"): ({"--policy": "trust.toml", "--signing-key": "ci"}, "--verdict-out"),
    ("preload", "authz.tar.gz"): ({"--verdict": "v.json", "--policy": "trust.toml"}, "--out"),
}
HOMES = {
    ("sign", "bundle"): ("sign.app", "bundle"),
    ("sign", "artifact"): ("sign.artifact", "artifact"),
    ("attest",): ("attest", "attest"),
    ("bundle",): ("bundle", "bundle"),
    ("artifact",): ("artifact", "artifact"),
    ("preload",): ("preload", "preload"),
}


def options_of(words) -> list[Parameter]:
    module, name = next(home for start, home in HOMES.items() if words[: len(start)] == start)
    command: Any = getattr(import_module(f"verifier.cli.commands.{module}"), name)
    written = command.__wrapped__
    found = []
    for each, own in inspect.signature(written).parameters.items():
        found.extend(parameters(part(each, own.default, own.annotation, written.__module__)))
    return found


def reads_files(parameter: Parameter) -> bool:
    if parameter.said.flags[0] == "--agent":  # a socket, which no output is written over: it is no regular file
        return False
    return parameter.takes is Path or parameter.said.flags[0] in {
        "--attestation",
        "--key",
        "--signing-key",
        "--ledger",
        "--trusted-root",
    }


CASES = [
    (words, writes, parameter.said.flags[0])
    for words, (_, written) in COMMANDS.items()
    for writes in written.split()
    for parameter in options_of(words)
    if parameter.said.flags and parameter.said.flags[0] not in WRITTEN and reads_files(parameter)
]


def test_every_option_that_names_a_file_is_covered():
    assert len(CASES) > 30
    assert {case[2] for case in CASES} >= {
        "--key",
        "--passphrase-file",
        "--policy",
        "--attestation",
        "--ledger",
        "--signing-key",
    }


def attempt(words, writes, extra):
    """Run the command with one more input; what it writes to is that input, which is what it could have written."""
    given, _ = COMMANDS[words]
    options = {**given, writes: "precious", **extra}
    return run(*words, *(each for pair in options.items() for each in pair))


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08 an archive", b'{"payloadType": ""}', b""], ids=["archive", "dsse", "empty"]
)
@pytest.mark.parametrize(
    ("words", "writes", "reads"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else value
)
def test_an_output_is_never_what_an_option_reads(words, writes, reads, content):
    Path("precious").write_bytes(content)
    Path("precious").chmod(0o600)
    Path("p.json").write_text("{}")
    named = "sqlite:precious" if reads == "--ledger" else "precious"
    answer = attempt(words, writes, {reads: named})
    assert (answer.status, answer.out) == (2, "")
    assert Path("precious").read_bytes() == content


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nor_is_it_the_artifact_itself(words):
    given, written = COMMANDS[words]
    before = Path("release.pub").read_bytes()
    Path("authz.tar.gz").write_bytes(b"\x1f\x8b\x08 an archive")
    Path("p.json").write_text("{}")
    target = words[-1] if words[-1] != "src" else "src/x.tar.gz"
    for writes in written.split():
        answer = run(*words, *(each for pair in {**given, writes: target}.items() for each in pair))
        assert (answer.status, answer.out) == (2, "")
    assert Path("release.pub").read_bytes() == before
    assert not Path("src/x.tar.gz").exists()


@pytest.mark.parametrize("name", ["release.pub", "ci", "trust.toml", "notes.txt"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nor_what_is_somebody_elses(words, name):
    Path("notes.txt").write_text("mine\n")
    before = Path(name).read_bytes()
    given, written = COMMANDS[words]
    Path("p.json").write_text("{}")
    for writes in written.split():
        answer = run(*words, *(each for pair in {**given, writes: name}.items() for each in pair))
        assert (answer.status, answer.out) == (2, "")
    assert Path(name).read_bytes() == before


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("named", [True, False])
def test_nor_a_ledger_or_what_belongs_to_it(place, beside, named):
    ledger = place / "ledger.db"
    ledger.with_name(ledger.name + beside).write_bytes(b"")
    options = ("--ledger", f"sqlite://{ledger}") if named else ()
    answer = run(
        *("bundle", "a", "--policy", "trust.toml", *options),
        "--verdict-out",
        f"ledger.db{beside}",
        "--signing-key",
        "ci",
    )
    assert (answer.status, "is not overwritten" in answer.err) == (2, True)


def test_the_private_key_stays_what_it_is():
    before = Path("release").read_bytes()
    for out in ("release", "./release", f"../{Path.cwd().name}/release", "link", "hard"):
        Path("link").unlink(missing_ok=True)
        Path("hard").unlink(missing_ok=True)
        Path("link").symlink_to("release")
        Path("hard").hardlink_to("release")
        assert run("sign", "artifact", "release.pub", "--key", "release", "--out", out).status == 2
    assert Path("release").read_bytes() == before
    assert Path("release").stat().st_mode & 0o777 == 0o600


def test_two_outputs_of_one_run_are_two_files():
    answer = run("sign", "bundle", "src", "--key", "release", "--out", "a", "--detached", "./a")
    assert (answer.status, Path("a").exists()) == (2, False)


def test_signing_again_names_what_it_drops():
    run("sign", "bundle", "src", "--key", "release", "--keyid", "first", "--out", "a.tar.gz")
    answer = run("sign", "bundle", "a.tar.gz", "--key", "ci", "--keyid", "second", "--out", "b.tar.gz")
    assert answer.status == 0
    assert "warning: signature.replaced: bundle: that of first gives way" in answer.err


def test_an_earlier_output_is_replaced():
    for _ in range(2):
        assert run("sign", "bundle", "src", "--key", "release", "--out", "a.tar.gz", "--detached", "a.json").status == 0


def test_an_attestation_may_go_to_a_pipe_and_to_standard_output():
    reading, writing = os.pipe()
    answer = run("sign", "artifact", "release.pub", "--key", "release", "--out", f"/dev/fd/{writing}")
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert b"payloadType" in stream.read()
    assert answer.status == 0


def test_a_verdict_and_a_report_do_not_share_standard_output():
    run("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz")
    answer = run(
        "bundle", "authz.tar.gz", "--policy", "trust.toml", "--verdict-out", "/dev/stdout", "--signing-key", "ci"
    )
    assert (answer.status, answer.out) == (2, "")
    assert "the report" in answer.err


def test_every_option_that_writes_is_known():
    """An option whose help says that something is written is in the list that inputs are told from."""
    written = {
        parameter.said.flags[0]
        for words in COMMANDS
        for parameter in options_of(words)
        if parameter.said.flags
        and parameter.takes is Path
        and ("rite" in parameter.said.help or "signed bundle" in parameter.said.help)
    }
    assert written <= WRITTEN
