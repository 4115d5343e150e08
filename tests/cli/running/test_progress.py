"""Progress: a line on a terminal's standard error, after a second, gone at the end; nothing anywhere else."""

import os
import pty
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from tests.support.audit.databases import document, folder_of
from tests.support.command import run
from tests.support.net.servers import server
from tests.support.places import ROOT
from tests.support.publishing.releases import VERIFY, release
from verifier.audit.database.importing import import_records
from verifier.cli.progress.line import showing, told
from verifier.cli.progress.text import fitted
from verifier.core.costs.progress import Counted, Step, silent

pytestmark = pytest.mark.usefixtures("place")


def spoken(steps):
    return [(step.what, step.done, step.whole, step.unit) for step in steps]


class TestCounting:
    def test_what_is_done_adds_up_whoever_does_it(self):
        seen = []
        count = Counted(seen.append, "reading", 4, "layers")
        workers = [threading.Thread(target=count.add) for _ in range(4)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        assert sorted(spoken(seen)) == [("reading", done, 4, "layers") for done in range(5)]

    def test_pieces_pass_unchanged_and_are_counted_by_their_bytes(self):
        seen = []
        assert b"".join(Counted(seen.append, "x", None, "bytes").pieces(iter([b"ab", b"", b"c"]))) == b"abc"
        assert [step.done for step in seen] == [0, 2, 2, 3]

    def test_nobody_is_told_where_nobody_looks(self):
        assert told() is silent
        assert silent(Step("x", 1, 2, "bytes")) is None


class TestTheLine:
    READING = Step("reading registry.acme.example/app:1", 12_300_000, 40_000_000, "bytes")

    def test_it_says_what_how_much_of_how_much_and_for_how_long(self):
        assert fitted(None, self.READING, 80, 3.2) == "reading registry.acme.example/app:1: 12.3 MB of 40.0 MB 3s"
        assert (
            fitted(None, Step("importing all.zip", 1234, None, "records"), 80, 9)
            == "importing all.zip: 1,234 records 9s"
        )
        assert fitted(Step("a.tar.gz", 2, 10, "artifacts"), Step("judging a.tar.gz", 0, None, ""), 80, 1) == (
            "[3/10] judging a.tar.gz 1s"
        )

    @pytest.mark.parametrize("columns", range(1, 90))
    def test_it_is_never_as_wide_as_the_terminal(self, columns):
        assert len(fitted(Step("a", 2, 10, "artifacts"), self.READING, columns, 3)) < max(columns, 1)

    def test_a_terminal_of_20_columns_still_sees_how_much(self):
        assert fitted(None, self.READING, 20, 3) == "12.3 MB of 40.0 MB"

    @pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "a\nb", "\u202eabc", "\x07", "\udcff", "\x9b31m"])
    def test_a_hostile_name_is_shown_harmless(self, hostile):
        text = fitted(None, Step(f"reading {hostile}", 1, 2, "records"), 80, 1)
        assert text.isprintable()
        assert hostile not in text

    def test_nothing_is_said_of_nothing(self):
        assert fitted(None, None, 80, 5) == ""


def on_a_terminal(*words, environment=None, until=b"", then=lambda: None):
    """The command with standard error on a terminal of its own; what it wrote there, and to standard output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "verifier", *map(str, words)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **(environment or {})},
    ) as process:  # fmt: skip
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 65536):
                seen += piece
                if until and until in seen:
                    then()
        except OSError:  # the other end is closed
            pass
        out = process.stdout.read()
    os.close(ours)
    return process.returncode, seen.decode(), out.decode()


def left_standing(seen):
    """What a terminal shows at the end of what was written to it, line by line."""
    return [line.rpartition("\r\x1b[K")[2] for line in seen.replace("\r\n", "\n").split("\n")]


class TestOnATerminal:
    def test_what_takes_long_is_shown_and_gone_at_the_end(self):
        """The server waits for as long as the terminal has not shown what has come of it."""
        go_on = threading.Event()

        def say(exchange):
            exchange.send_response(200)
            exchange.send_header("Content-Length", "200000")
            exchange.end_headers()
            exchange.wfile.write(b"x" * 100_000)
            exchange.wfile.flush()
            go_on.wait()
            exchange.wfile.write(b"x" * 100_000)

        with server(say) as running:
            words = ("image", f"127.0.0.1:{running.port}/app:1", "--key", "release.pub")
            status, seen, out = on_a_terminal(*words, until=b"fetching", then=go_on.set)
        assert status in {1, 3}
        assert re.search(r"\r\x1b\[Kfetching http://127.0.0.1:\d+/v2/\S*: \d", seen)
        assert [line for line in left_standing(seen) if "fetching" in line] == []
        assert "\r" not in out
        assert out.startswith("FAILED")

    def test_what_is_quick_shows_nothing(self):
        status, seen, out = on_a_terminal("bundle", release(), *VERIFY)
        assert (status, out.partition("\n")[0]) == (0, "PASSED  bundle:authz 1.0.0")
        assert "judging" not in "".join(left_standing(seen))


class TestElsewhere:
    def test_a_log_gets_nothing(self):
        answer = run("bundle", release(), *VERIFY)
        assert answer.err == ""

    def test_and_a_line_for_each_piece_of_work_where_somebody_asks_for_more(self):
        answer = run("bundle", release(), *VERIFY, "--verbose")
        assert answer.err == "verify: judging authz.tar.gz\n"
        assert run("bundle", "authz.tar.gz", *VERIFY, "--quiet").err == ""

    def test_an_import_tells_of_its_records(self, place, capsys):
        seen = []
        folder = folder_of(place / "records", document())
        import_records((folder,), place / "a.db", now=datetime(2024, 10, 12, tzinfo=UTC), told=seen.append)
        assert spoken(seen) == [(f"importing {folder}", done, None, "records") for done in (0, 1)]
        assert capsys.readouterr() == ("", "")

    def test_what_is_shown_within_what_is_shown_is_one_line(self):
        with showing(verbose=True), showing(verbose=True):
            assert told() is not silent
        assert told() is silent
