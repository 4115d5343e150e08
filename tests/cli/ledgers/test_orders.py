"""Orders about a ledger: for a scope that there is, looked at first, confirmed where they are grave."""

import io
import json

import pytest

from tests.support import workplace
from tests.support.command import run
from tests.support.publishing.releases import recorded, release

place = workplace.place
pytestmark = pytest.mark.usefixtures("place", "filled")
SCOPE = "bundle:authz"
WHY = ("--reason", "CVE-2026-1", "--actor", "alice")
UNKNOWN = f"sha256:{'0' * 64}"


class Person(io.StringIO):
    """Standard input, at a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def filled(place):
    recorded(release("1.0.0"))
    recorded(release("1.1.0"))


def stands():
    return run("ledger", "show").out, run("ledger", "show").err


def digest_of(revision):
    """What was accepted as this version: a release that is signed again has another digest."""
    events = map(json.loads, run("ledger", "history", SCOPE, "--format", "json").out.splitlines())
    return next(each["digest"] for each in events if each["version"] == revision)


GRAVE = [
    ("floor", SCOPE, "999.0.0"),
    ("floor", SCOPE, "1.1.1"),
    ("quarantine", SCOPE, "--to", "999.0.0"),
    ("quarantine", SCOPE, "--to", "1.1.0"),
    ("quarantine", SCOPE, "--from", "2.0.0", "--to", "3.0.0"),
]
HARMLESS = [
    ("floor", SCOPE, "1.1.0"),
    ("floor", SCOPE, "1.0.5"),
    ("quarantine", SCOPE, "--to", "1.0.9"),
    ("quarantine", SCOPE, "--digest", UNKNOWN),
    ("quarantine", SCOPE, "--from", "1.1.0", "--to", "1.1.0"),
    ("quarantine", SCOPE, "--from", "0.1.0", "--to", "1.1.0"),
]


@pytest.mark.parametrize("order", GRAVE)
class TestGrave:
    def test_it_needs_yes_where_nobody_can_be_asked(self, order):
        before = stands()
        answer = run("ledger", *order, *WHY)
        assert (answer.status, answer.out) == (2, "")
        assert "--yes" in answer.err
        assert "1.1.0" in answer.err
        assert stands() == before

    def test_with_yes_it_is_done(self, order):
        before = stands()
        assert run("ledger", *order, *WHY, "--yes").status == 0
        assert stands() != before

    @pytest.mark.parametrize(
        ("said", "status"), [("y\n", 0), ("yes\n", 0), ("\n", 1), ("n\n", 1), ("", 1), ("sure\n", 1)]
    )
    def test_a_person_is_asked(self, order, said, status, monkeypatch):
        before = stands()
        monkeypatch.setattr("sys.stdin", Person(said))
        answer = run("ledger", *order, *WHY)
        assert answer.status == status
        assert "never undone. Go on?" in answer.err
        assert (stands() == before) is (status == 1)

    def test_a_dry_run_says_so_and_writes_nothing(self, order):
        before = stands()
        answer = run("ledger", *order, *WHY, "--dry-run")
        assert answer.status == 0
        assert "It would need --yes." in answer.err
        assert "nothing was written" in answer.err
        assert answer.out.startswith(SCOPE)
        assert stands() == before


@pytest.mark.parametrize("order", HARMLESS)
class TestHarmless:
    def test_it_is_done_unasked(self, order):
        before = stands()
        assert run("ledger", *order, *WHY).status == 0
        assert stands() != before

    def test_a_dry_run_shows_how_it_would_stand(self, order):
        before = stands()
        shown = run("ledger", *order, *WHY, "--dry-run")
        assert stands() == before
        done = run("ledger", *order, *WHY)
        assert (shown.status, shown.out) == (0, done.out)


@pytest.mark.parametrize("revision", ["1.0.0", "1.1.0"])
def test_content_that_was_accepted_is_withdrawn_unasked(revision):
    answer = run("ledger", "quarantine", SCOPE, "--digest", digest_of(revision), *WHY)
    assert (answer.status, answer.err) == (0, "")


def test_content_that_nobody_has_accepted_is_said_to_be_so():
    assert "is it the right one?" in run("ledger", "quarantine", SCOPE, "--digest", UNKNOWN, *WHY).err


@pytest.mark.parametrize("order", [("floor", "{}", "1.0.0"), ("quarantine", "{}", "--to", "1.0.0")])
@pytest.mark.parametrize(
    ("scope", "said"),
    [("bundle:autz", "Did you mean bundle:authz?"), ("image:shop", "verify ledger show"), ("bundle:authz@x", "authz")],
)
class TestUnknownScope:
    def test_it_is_a_mistake(self, order, scope, said):
        before = stands()
        answer = run("ledger", *(each.format(scope) for each in order), *WHY, "--yes")
        assert (answer.status, answer.out) == (2, "")
        assert said in answer.err
        assert "--new-scope" in answer.err
        assert stands() == before

    def test_one_that_is_yet_to_come_is_said_to_be_new(self, order, scope, said):  # noqa: ARG002
        answer = run("ledger", *(each.format(scope) for each in order), *WHY, "--new-scope")
        assert (answer.status, answer.out.split()[0]) == (0, scope)


def test_a_scope_in_which_something_was_only_denied_is_known():
    stranger = ("--key", "stranger.pub", "--name", "other", "--record")
    assert (
        run(
            "bundle", release("1.0.0"), *stranger, "--version-from", "manifest.revision", "--version-scheme", "semver"
        ).status
        == 1
    )
    answer = run("ledger", "floor", "bundle:other", "1.0.0", *WHY)
    assert (answer.status, "nothing was accepted yet" in answer.err) == (2, True)


def test_who_looks_at_a_scope_that_is_misspelt_is_told():
    for command in ("show", "history"):
        answer = run("ledger", command, "bundle:autz")
        assert (answer.status, "Did you mean bundle:authz?" in answer.err) == (0, True)


def test_a_dry_run_of_an_import_shows_what_would_move_and_writes_nothing(place):
    run("ledger", "export", "ledger.jsonl")
    other = ("--ledger", f"sqlite://{place}/other.db")
    run("ledger", "init", *other)
    shown = run("ledger", "import", "ledger.jsonl", "--unvouched", "--dry-run", *other)
    assert (shown.status, shown.out.split()[0]) == (0, SCOPE)
    assert run("ledger", "show", *other).out == ""
    assert run("ledger", "import", "ledger.jsonl", "--unvouched", *other).out.split()[:3] == shown.out.split()[:3]
    assert run("ledger", "import", "ledger.jsonl", "--unvouched", "--dry-run", *other).out == ""


def test_a_dry_run_can_look_at_a_ledger_that_it_may_not_write(place):
    (place / "ledger.db").chmod(0o400)
    assert run("ledger", "floor", SCOPE, "1.0.5", *WHY, "--dry-run").status == 0
