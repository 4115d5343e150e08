"""`--dry-run`: what would be done is said and not done; what would be refused is refused as in earnest."""

import hashlib
import json
from pathlib import Path

import pytest
import typer

from tests.support.audit.databases import document, folder_of
from tests.support.audit.github import REPOSITORY, TOKEN, github
from tests.support.audit.results import finding, result
from tests.support.command import run
from verifier.cli.app import command_line
from verifier.formats.audit.document import write

pytestmark = pytest.mark.usefixtures("place")
SIGN = ("sign", "artifact", "a.bin", "--key", "release", "--out", "a.json")
BUNDLE = ("sign", "bundle", "src", "--key", "release")
UNDONE = "nothing was written (--dry-run)\n"


def everything(place):
    return {
        path.relative_to(place): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def untouched(place):
    """That a test leaves the folder as it was."""
    (place / "a.bin").write_bytes(b"content")
    (place / "p.json").write_text("{}")
    before = everything(place)
    yield
    assert everything(place) == before


@pytest.mark.parametrize(
    ("words", "would"),
    [
        (SIGN, "would sign sha256:"),
        ((*BUNDLE, "--out", "b.tar.gz"), "would write b.tar.gz, signed for the scope b\n"),
        ((*BUNDLE, "--detached", "b.json", "--name", "b", "--version", "1.0.0"), "would sign sha256:"),
        (
            (
                "attest",
                "a.bin",
                "--predicate",
                "p.json",
                "--type",
                "https://acme.example/t",
                "--key",
                "release",
                "--out",
                "t.json",
            ),
            "would write t.json, about sha256:",
        ),
    ],
)
def test_nothing_is_signed(untouched, words, would):
    answer = run(*words, "--dry-run")
    assert (answer.status, answer.out) == (0, "")
    assert answer.err.startswith(would)
    assert answer.err.endswith(UNDONE)


@pytest.mark.parametrize(
    "words",
    [
        ("sign", "artifact", "a.bin", "--key", "missing", "--out", "a.json"),
        ("sign", "artifact", "a.bin", "--key", "release.pub", "--out", "a.json"),
        ("sign", "artifact", "missing", "--key", "release", "--out", "a.json"),
        ("sign", "artifact", "a.bin", "--key", "release", "--out", "trust.toml"),
        ("sign", "artifact", "release", "--key", "ci", "--out", "a.json"),
        ("sign", "bundle", "missing", "--key", "release", "--out", "b.tar.gz"),
    ],
)
def test_what_would_be_refused_is_refused_in_the_same_words(untouched, words):
    assert run(*words, "--dry-run") == run(*words)
    assert run(*words).status != 0


def test_a_database_is_not_replaced_and_it_is_said_what_it_would_be_of(place):
    now = ("--now", "2024-10-12T00:00:00Z")
    folder, db = folder_of(place / "records", document()), place / "osv.db"
    made = run("audit", "db", "import", folder, "--db", db, *now, "--dry-run")
    assert (made.status, db.exists()) == (0, False)
    assert f"would write {db}: 1 record (1 of PyPI)\n" in made.err
    assert made.err.endswith(UNDONE)
    run("audit", "db", "import", folder, "--db", db, *now)
    before = everything(place)
    for command in ("import", "update"):
        answer = run("audit", "db", command, folder, "--db", db, *now, "--dry-run")
        assert (answer.status, f"would replace {db}: 1 record" in answer.err) == (0, True)
    assert everything(place) == before


def test_a_database_that_would_be_refused_is(place):
    (place / "records").mkdir()
    (place / "records" / "a.json").write_text("{")
    words = ("audit", "db", "import", "records", "--db", "trust.toml")
    before = everything(place)
    dry = run(*words, "--dry-run")
    assert (dry.status, everything(place)) == (2, before)
    assert run(*words).status == 2


def test_no_issue_is_made(place, monkeypatch):
    Path("audit.json").write_text(json.dumps(write(result(finding()))))
    with github() as hub:
        monkeypatch.setenv("GITHUB_API_URL", hub.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        tell = ("audit", "issue", "--repo", REPOSITORY, "--report", "audit.json")
        answer = run(*tell, "--dry-run")
        assert (answer.status, answer.out, hub.issues) == (0, "", [])
        assert answer.err == f"would make an issue\n{UNDONE}"
        run(*tell)
        assert run(*tell, "--dry-run").err == f"would change issue #1\n{UNDONE}"


def test_what_others_rely_on_can_be_tried_first():
    """The rule of `cli/running/dry_run.py`, for every command that there is."""
    pending, having = [((), typer.main.get_command(command_line()))], set()
    while pending:
        words, command = pending.pop()
        if any("--dry-run" in each.opts for each in command.params):
            having.add(" ".join(words))
        pending += [((*words, name), child) for name, child in getattr(command, "commands", {}).items()]
    assert having == {
        *("ledger floor", "ledger quarantine", "ledger import", "publish", "attest"),
        *("sign artifact", "sign bundle", "sign image", "audit issue", "audit db import", "audit db update"),
    }
