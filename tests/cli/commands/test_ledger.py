"""`verify ledger`: made once, looked at, restricted, carried elsewhere."""

import json
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.ledgers.busy import Busy
from tests.support.ledgers.files import edit
from tests.support.ledgers.samples import event
from tests.support.publishing.releases import VERIFY, recorded, release
from verifier.cli import settings, stores
from verifier.ledger.advance import append
from verifier.ledger.interface import EventKind

pytestmark = pytest.mark.usefixtures("place")
SCOPE = "bundle:authz"
the_per_user_ledger = settings.default_ledger_path
WHY = ("--reason", "CVE-2026-1", "--actor", "alice")


@pytest.fixture
def filled(place):
    for revision in ("1.0.0", "1.1.0"):
        recorded(release(revision))
    recorded(release("1.0.0"))
    return place / "ledger.db"


class TestInit:
    def test_a_ledger_is_made_where_there_is_none(self, place):
        answer = run("ledger", "init")
        assert (answer.status, answer.out) == (0, "")
        assert (place / "ledger.db").is_file()

    def test_the_per_user_ledger_gets_its_folder(self, place, monkeypatch):
        monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
        monkeypatch.setattr(settings, "default_ledger_path", the_per_user_ledger)
        assert run("ledger", "init").status == 0
        assert (place / "state" / "policy-verifier").stat().st_mode & 0o077 == 0

    def test_it_lies_in_the_state_folder_of_the_user(self, place, monkeypatch):
        monkeypatch.setattr(settings, "default_ledger_path", the_per_user_ledger)
        monkeypatch.setenv("XDG_STATE_HOME", str(place / "xdg"))
        assert run("ledger", "init").status == 0
        assert (place / "xdg" / "policy-verifier" / "ledger.db").is_file()

    @pytest.mark.usefixtures("filled")
    def test_an_existing_one_is_never_replaced(self, place):
        before = (place / "ledger.db").read_bytes()
        assert run("ledger", "init").status != 0
        assert (place / "ledger.db").read_bytes() == before


class TestLooking:
    @pytest.mark.parametrize("command", ["show", "history", "export"])
    def test_a_missing_ledger_is_3_and_is_not_made(self, place, command):
        answer = run("ledger", command)
        assert (answer.status, answer.out) == (3, "")
        assert "ledger.unavailable" in answer.err
        assert not (place / "ledger.db").exists()

    @pytest.mark.usefixtures("filled")
    def test_every_scope_is_shown_with_its_mark(self):
        answer = run("ledger", "show")
        assert answer.status == 0
        assert answer.out.startswith(f"{SCOPE}  1.1.0 (semver)  sha256:")
        assert "3 events, sound" in answer.err

    @pytest.mark.usefixtures("filled")
    def test_one_scope_is_shown_for_programs(self):
        shown = json.loads(run("ledger", "show", SCOPE, "--format", "json").out)
        assert (shown["scope"], shown["state"]["mark"]["version"]) == (SCOPE, "1.1.0")
        assert json.loads(run("ledger", "show", "bundle:other", "--format", "json").out)["state"] is None
        assert "nothing is known" in run("ledger", "show", "bundle:other").out

    @pytest.mark.usefixtures("filled")
    def test_the_history_says_what_happened_oldest_first(self):
        events = [json.loads(line) for line in run("ledger", "history", SCOPE, "--format", "json").out.splitlines()]
        assert [(event["kind"], event["version"]) for event in events] == [
            ("accepted", "1.0.0"),
            ("accepted", "1.1.0"),
            ("denied", "1.0.0"),
        ]
        assert "version.rollback" in run("ledger", "history").out
        assert len(run("ledger", "history", "--limit", "1").out.splitlines()) == 1

    @pytest.mark.usefixtures("filled")
    def test_a_head_that_was_kept_elsewhere_is_compared(self):
        head = run("ledger", "show").err.split("head ")[1].strip()
        assert run("ledger", "show", "--expect-head", head).status == 0
        other = "9" + head
        answer = run("ledger", "show", "--expect-head", other)
        assert (answer.status, answer.out) == (3, "")
        assert "ledger.corrupt" in answer.err
        assert run("ledger", "show", "--expect-head", "x").status == 2

    @pytest.mark.usefixtures("filled")
    @pytest.mark.parametrize("command", ["show", "export"])
    def test_the_head_is_that_of_what_is_given_though_others_write_meanwhile(self, place, monkeypatch, command):
        opened, others = stores._open, []

        def busy(url, **how):
            others.append(opened(url))
            return Busy(opened(url, **how), lambda: append(others[0], event(EventKind.DENIED)))

        monkeypatch.setattr(stores, "_open", busy)
        answer = run("ledger", command, *([str(place / "out.jsonl")] if command == "export" else []))
        (other,) = others
        with other:
            assert other.head().sequence > 4
            assert answer.err.strip().endswith(f" {next(other.events(after=3)).head}")

    @pytest.mark.usefixtures("filled")
    @pytest.mark.parametrize("scope", ["authz", ":", "bundle:a\x1b[2J", "bundle:authz@"])
    def test_what_is_no_scope_is_2(self, scope):
        for command in ("show", "history"):
            answer = run("ledger", command, scope)
            assert (answer.status, answer.out) == (2, "")
            assert "\x1b" not in answer.err


class TestRestricting:
    @pytest.mark.usefixtures("filled")
    def test_a_floor_denies_what_lies_below(self):
        assert run("ledger", "floor", SCOPE, "2.0.0", *WHY, "--yes").status == 0
        assert "version.below-floor" in ask("bundle", release("1.2.0"), *VERIFY, "--record").codes
        assert "CVE-2026-1" in run("ledger", "history").out

    @pytest.mark.usefixtures("filled")
    def test_a_floor_is_never_lowered(self):
        run("ledger", "floor", SCOPE, "2.0.0", *WHY, "--yes")
        answer = run("ledger", "floor", SCOPE, "1.0.0", *WHY)
        assert (answer.status, answer.out) == (1, "")
        assert "floor 2.0.0" in run("ledger", "show").out

    @pytest.mark.usefixtures("filled")
    def test_quarantined_content_is_denied(self):
        content = release("1.2.0")
        digest = ask("bundle", content, *VERIFY).report["artifact"]["digest"]["sha256"]
        assert run("ledger", "quarantine", SCOPE, "--digest", f"sha256:{digest}", *WHY).status == 0
        assert ask("bundle", content, *VERIFY, "--record").codes == ["version.quarantined"]

    @pytest.mark.usefixtures("filled")
    def test_a_quarantined_range_is_denied(self):
        assert run("ledger", "quarantine", SCOPE, "--from", "1.2.0", "--to", "1.3.0", *WHY, "--yes").status == 0
        assert ask("bundle", release("1.2.5"), *VERIFY, "--record").codes == ["version.quarantined"]
        assert ask("bundle", release("1.4.0"), *VERIFY, "--record").status == 0

    @pytest.mark.usefixtures("filled")
    @pytest.mark.parametrize(
        "arguments",
        [
            ("floor", SCOPE, "v1", *WHY),
            ("floor", SCOPE, "1.0.0"),
            ("quarantine", SCOPE, *WHY),
            ("quarantine", SCOPE, "--digest", "sha256:x", *WHY),
            ("quarantine", SCOPE, "--digest", "sha256:" + "0" * 64, "--from", "1.0.0", *WHY),
            ("quarantine", SCOPE, "--from", "2.0.0", "--to", "1.0.0", *WHY),
            ("quarantine", SCOPE, "--from", "2.0.0", *WHY),
        ],
    )
    def test_wrong_usage_is_2_and_changes_nothing(self, arguments):
        before = run("ledger", "show").err
        answer = run("ledger", *arguments)
        assert (answer.status, answer.out) == (2, "")
        assert run("ledger", "show").err == before


class TestCarrying:
    @pytest.mark.usefixtures("filled")
    def test_what_was_exported_is_imported_elsewhere(self, place):
        assert run("ledger", "export", "ledger.jsonl").status == 0
        other = f"sqlite://{place}/other.db"
        run("ledger", "init", "--ledger", other)
        head = run("ledger", "show").err.split("head ")[1].strip()
        vouched = ("--expect-head", head)
        assert run("ledger", "import", "ledger.jsonl", "--ledger", other, *vouched, *WHY).status == 0
        assert ask("bundle", release("1.0.0"), *VERIFY, "--ledger", other).codes == ["version.rollback"]

    @pytest.mark.usefixtures("filled")
    def test_the_same_ledger_gives_the_same_bytes(self):
        first, second = run("ledger", "export"), run("ledger", "export")
        assert (first.status, first.out, first.err) == (0, second.out, "")
        run("ledger", "export", "ledger.jsonl")
        assert Path("ledger.jsonl").read_text() == first.out

    @pytest.mark.usefixtures("filled")
    def test_an_export_overwrites_nothing(self, place):
        (place / "ledger.jsonl").write_text("mine")
        answer = run("ledger", "export", "ledger.jsonl")
        assert (answer.status, (place / "ledger.jsonl").read_text()) == (2, "mine")

    @pytest.mark.usefixtures("filled")
    def test_a_document_that_was_changed_is_refused_and_changes_nothing(self, place):
        run("ledger", "export", "ledger.jsonl")
        changed = Path("ledger.jsonl").read_text().replace("1.1.0", "1.9.0")
        Path("ledger.jsonl").write_text(changed)
        other = f"sqlite://{place}/other.db"
        run("ledger", "init", "--ledger", other)
        answer = run("ledger", "import", "ledger.jsonl", "--ledger", other, "--unvouched", *WHY)
        assert (answer.status, answer.out) == (3, "")
        assert "0 scopes, 0 events" in run("ledger", "show", "--ledger", other).err

    @pytest.mark.usefixtures("filled")
    def test_a_document_that_is_not_there_is_2(self):
        assert run("ledger", "import", "missing.jsonl", "--unvouched", *WHY).status == 2

    @pytest.mark.usefixtures("filled")
    def test_it_is_said_who_vouches_for_a_document(self, place):
        """Whoever writes an export can deny every version of a scope for ever."""
        run("ledger", "export", "ledger.jsonl")
        other = ("--ledger", f"sqlite://{place}/other.db")
        run("ledger", "init", *other)
        another = f"3@sha256:{'0' * 64}"
        for vouched, status, said in (
            ((), 2, "--expect-head, --unvouched"),
            (("--unvouched", "--expect-head", another), 2, "--expect-head, --unvouched"),
            (("--expect-head", "no head"), 2, "--expect-head"),
            (("--expect-head", another), 3, "ledger.unvouched"),
            (("--unvouched",), 0, "warning: nobody vouches"),
        ):
            answer = run("ledger", "import", "ledger.jsonl", *vouched, *WHY, *other)
            assert (answer.status, said in answer.err) == (status, True), answer.err


class TestChecking:
    @pytest.mark.usefixtures("filled")
    def test_a_sound_history_is_said_to_be_sound_and_so_is_its_export(self):
        answer = run("ledger", "check")
        assert (answer.status, answer.out) == (0, "")
        head = answer.err.split("head ")[1].strip()
        run("ledger", "export", "ledger.jsonl")
        whole = run("ledger", "check", "--file", "ledger.jsonl", "--expect-head", head)
        assert (whole.status, head in whole.err) == (0, True)
        assert run("ledger", "check", "--expect-head", head).status == 0

    @pytest.mark.usefixtures("filled")
    def test_one_that_is_not_is_3(self, place):
        run("ledger", "export", "ledger.jsonl")
        text = Path("ledger.jsonl").read_text()
        Path("ledger.jsonl").write_text(text.replace('"denied"', '"floor"'))
        another = f"1@sha256:{'0' * 64}"
        assert "ledger.corrupt" in run("ledger", "check", "--file", "ledger.jsonl").err
        Path("ledger.jsonl").write_text(text)
        for arguments in (("--file", "ledger.jsonl", "--expect-head", another), ("--expect-head", another)):
            assert run("ledger", "check", *arguments).status == 3
        edit(place / "ledger.db", "DROP TRIGGER history_not_updated", "UPDATE history SET event = '{}'")
        assert run("ledger", "check").status == 3

    @pytest.mark.parametrize(
        "arguments",
        [("--file", "missing"), ("--file", "."), ("--file", "x", "--ledger", "sqlite:y"), ("--expect-head", "x")],
    )
    def test_wrong_usage_is_2(self, arguments):
        assert run("ledger", "check", *arguments).status == 2

    @pytest.mark.usefixtures("filled")
    def test_a_corrupt_ledger_is_mended_by_its_owner(self, place):
        """The guide's way: save what is sound, make a new ledger, import that by its head."""
        edit(
            place / "ledger.db",
            "DROP TRIGGER history_not_updated",
            "UPDATE history SET event = '{}' WHERE sequence = 3",
        )
        assert run("ledger", "show").status == 3
        saved = run("ledger", "salvage", "saved.jsonl")
        assert (saved.status, "the event after 2" in saved.err) == (0, True)
        head = saved.err.split("its head is ")[1].split()[0]
        assert run("ledger", "salvage", "saved.jsonl").status == 2  # nothing is overwritten
        (place / "ledger.db").rename(place / "broken.db")
        run("ledger", "init")
        assert run("ledger", "import", "saved.jsonl", "--expect-head", head, *WHY).status == 0
        assert ask("bundle", release("1.0.0"), *VERIFY).codes == ["version.rollback"]

    def test_where_there_is_nothing_to_save_nothing_is_written(self, place):
        assert run("ledger", "salvage", "saved.jsonl").status == 3
        assert not (place / "saved.jsonl").exists()
