"""`-` and what a shell hands over, wherever a file is read: read once, within bounds, under a name that is given."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.support.command import run
from tests.support.places import ROOT
from tests.support.publishing.releases import VERIFY, release
from tests.support.running.piped import piped
from tests.support.stories import MODULE
from verifier.cli.app import command_line
from verifier.cli.running.standard_input import _WORDS

pytestmark = pytest.mark.usefixtures("place")
POLICY = ("--policy", "trust.toml")


def first(answer):
    return answer.status, answer.out.partition("\n")[0]


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_a_bundle_comes_on_standard_input_by_whatever_name(name):
    answer = piped(release().read_bytes(), "bundle", name, *VERIFY)
    assert first(answer) == (0, "PASSED  bundle:authz 1.0.0")
    assert answer.err == ""


def test_what_came_in_a_stream_has_no_place_that_others_could_fetch_it_from():
    answer = piped(release().read_bytes(), "bundle", "-", *VERIFY, "--format", "json")
    assert answer.report["artifact"]["resourceUri"] == "bundle:authz"


@pytest.mark.parametrize(
    "words",
    [
        ("bundle", "-", *POLICY),
        ("artifact", "-", "--key", "release.pub"),
        ("image", "oci-archive:-", "--key", "release.pub"),
        ("sign", "artifact", "-", "--key", "release", "--out", "s.json"),
        ("attest", "-", "--predicate", "p.json", "--type", "https://acme.example/t", "--key", "release", "--out", "a"),
    ],
)
def test_a_name_is_demanded_where_it_would_be_the_files(place, words):
    answer = piped(b"content", *words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: --name: is needed: what comes in a stream has no name of its own\n  ")
    assert not [each for each in ("s.json", "a") if (place / each).exists()]


def test_a_policy_comes_on_standard_input_and_names_files_as_seen_from_here():
    policy = Path("trust.toml").read_bytes()
    assert first(piped(policy, "bundle", release(), "--policy", "-", "--name", "authz"))[0] == 0


def test_a_key_an_attestation_and_a_verdict_do():
    Path("a.bin").write_bytes(MODULE)
    run("sign", "artifact", "a.bin", "--key", "release", "--out", "a.json")
    attestation, key = Path("a.json").read_bytes(), Path("release.pub").read_bytes()
    assert piped(attestation, "artifact", "a.bin", "--key", "release.pub", "--attestation", "-").status == 0
    assert piped(key, "artifact", "a.bin", "--key", "-", "--attestation", "a.json").status == 0
    bundle = release()
    written = ("--verdict-out", "v.json", "--signing-key", "ci", "--resource-uri", "bundle:authz")
    run("bundle", bundle, *VERIFY, *written)
    about = ("--subject", bundle, "--resource-uri", "bundle:authz")
    assert piped(Path("v.json").read_bytes(), "verdict", "-", *about, *POLICY).status == 0
    assert piped(bundle.read_bytes(), "verdict", "v.json", "--subject", "-", *about[2:], *POLICY).status == 0


def test_the_hook_takes_streams_too():
    bundle = release()
    run("bundle", bundle, *VERIFY, "--verdict-out", "v.json", "--signing-key", "ci", "--record", "--ledger-init")
    verdict = Path("v.json").read_bytes()
    assert piped(verdict, "preload", bundle, "--verdict", "/dev/stdin", *POLICY).status == 0
    named = ("--resource-uri", bundle.absolute().as_uri(), "--name", "authz")
    assert piped(bundle.read_bytes(), "preload", "-", "--verdict", "v.json", *POLICY, *named).status == 0


def test_several_streams_of_a_shell_are_read_each():
    release()
    line = '"$@" --key <(cat release.pub) --name authz <(cat authz.tar.gz)'
    assert first(piped(b"", "bundle", line=line)) == (0, "PASSED  bundle:authz")


@pytest.mark.parametrize(
    ("words", "where", "before"),
    [
        (("bundle", "-", "--policy", "-"), "--policy", "REF"),
        (("bundle", "-", "/dev/stdin", *POLICY), "REF", "REF"),
        (("artifact", "a.bin", "--key", "-", "--attestation", "/dev/fd/0"), "--attestation", "--key"),
        (("artifact", "a.bin", "--key", "-", "--key", "-"), "--key", "--key"),
    ],
)
def test_two_things_are_not_read_from_one_stream(words, where, before):
    answer = piped(b"content", *words)
    assert (answer.status, answer.out) == (2, "")
    said = f"verify: error: {where}: is read from standard input, and so is {before}: a stream is read once\n"
    assert answer.err.startswith(said) or answer.err.startswith(said.replace(f"{where}:", f"{before}:", 1))


@pytest.mark.parametrize("words", [("bundle", "-", *VERIFY), ("bundle", "a.tar.gz", "--policy", "-")])
def test_a_closed_standard_input_is_named(words):
    answer = piped(None, *words)
    assert (answer.status, answer.out) == (2, "")
    assert "standard input cannot be read: it is closed" in answer.err


def test_an_empty_one_is_said_and_is_no_bundle():
    answer = piped(b"", "bundle", "-", *VERIFY)
    assert answer.status == 1
    assert answer.err == "verify: REF: standard input is empty\n"


def test_one_that_does_not_end_is_refused_within_bounds():
    answer = piped(b"", "bundle", "authz.tar.gz", "--policy", "-", line='yes | "$@"')
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: --policy: standard input has more than the 67108864 bytes")


def test_a_file_is_read_from_where_the_shell_has_come_to():
    Path("both").write_bytes(b"#!\n" + release().read_bytes())
    assert first(piped(b"", "bundle", "-", *VERIFY, line='{ IFS= read -r line; "$@"; } < both'))[0] == 0


def test_a_device_is_read_to_its_end_like_a_pipe():
    answer = piped(b"", "bundle", "-", *VERIFY, line='"$@" < /dev/null')
    assert (answer.status, "is empty" in answer.err) == (1, True)


@pytest.mark.parametrize("option", ["--advisories"])
def test_a_database_is_no_stream(option):
    answer = piped(b"x", "bundle", release(), *VERIFY, option, "-")
    assert (answer.status, answer.out) == (2, "")
    assert f"{option}: is a database, which is no stream" in answer.err


def test_a_terminal_is_waited_for_and_that_is_said():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", "bundle", str(release()), "--name", "authz", "--policy", "-"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    said = process.stderr.readline()
    assert said == "verify: --policy is read from the terminal: end it with Ctrl-D on a line of its own\n"
    os.write(ours, Path("trust.toml").read_bytes() + b"\x04")
    out, _ = process.communicate()
    os.close(ours)
    assert (process.returncode, out.partition("\n")[0]) == (0, "PASSED  bundle:authz 1.0.0")


def test_nothing_is_left_behind(place):
    folder = place / "tmp"
    folder.mkdir()
    answer = piped(release().read_bytes(), "bundle", "-", *VERIFY, environment={"TMPDIR": str(folder)})
    assert (answer.status, list(folder.iterdir())) == (0, [])


def test_a_stream_is_signed_and_the_signature_verifies():
    signed = piped(MODULE, "sign", "artifact", "-", "--name", "m.rego", "--key", "release", "--out", "s.json")
    assert signed.status == 0
    Path("m.rego").write_bytes(MODULE)
    assert run("artifact", "m.rego", "--key", "release.pub", "--attestation", "s.json").status == 0


def test_a_bundle_that_goes_to_standard_output_is_not_scoped_by_its_name():
    answer = run("sign", "bundle", "src", "--key", "release", "--out", "/dev/stdout")
    assert (answer.status, answer.out) == (2, "")
    assert "--name: is needed" in answer.err


def test_an_sbom_is_checked_from_a_stream():
    release()
    run("sbom", "generate", "authz.tar.gz", "--output", "s.json")
    content = Path("s.json").read_bytes()
    assert json.loads(content)
    assert piped(content, "sbom", "check", "-").status in {0, 1}
    assert piped(b"{", "sbom", "check", "-").status in {1, 3}


def test_every_argument_is_known_as_what_is_read_or_as_a_word():
    """A new one that is a word, and is not said to be one, would wait for standard input."""
    pending, seen = [typer.main.get_command(command_line())], set()
    while pending:
        command = pending.pop()
        seen |= {each.metavar.strip("[].") for each in command.params if each.param_type_name == "argument"}
        pending += getattr(command, "commands", {}).values()
    files = {"REF", "FILE", "FILE|COMMAND", "ARTIFACT", "BUNDLE", "SOURCE", "TARGET", "SBOM", "OLD", "NEW"}
    assert seen - _WORDS == files
    assert seen >= _WORDS


@pytest.mark.parametrize("words", [("explain", "-"), ("ledger", "show", "-"), ("completion", "-")])
def test_a_word_is_no_stream(words):
    answer = piped(b"content", *words)
    assert answer.status != 0
    assert "standard input" not in answer.err
