"""Answers to places that take little or nothing: a full disk, a closed pipe, a locale of ASCII, twenty columns.

An answer that nobody got is no acceptance; one that could be written is whole.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.places import ROOT
from verifier.reports.table import REPORTS

STARTS = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from verifier.cli.main import run; run()"
ASKED = ("bundle", "good.tar.gz", "--policy", "trust.toml", "--name", "authz")


@pytest.fixture(autouse=True)
def signed(place):
    made = run("sign", "bundle", "src", "--key", "release", "--name", "authz", "--out", "good.tar.gz")
    assert made.status == 0, made.err
    (place / "home").mkdir()


def verify(*arguments, out=subprocess.PIPE, behind="", **environment):
    """The command, in a process of its own; `behind` stands after it on a shell's line."""
    line = [sys.executable, "-c", STARTS, *arguments]
    if behind:
        line = ["sh", "-c", f'"$@" {behind}', "sh", *line]
    home = {"HOME": str(Path("home").absolute()), "XDG_STATE_HOME": str(Path("home").absolute())}
    set_ = {name: text for name, text in (os.environ | home | environment).items() if text is not None}
    return subprocess.run(line, env=set_, stdout=out, stderr=subprocess.PIPE, check=False)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_to_a_full_disk_is_no_acceptance(name):
    with Path("/dev/full").open("wb") as full:
        answer = verify(*ASKED, "--format", name, out=full)
    assert answer.returncode == 3
    assert b"No space left on device" in answer.stderr
    assert b"Traceback" not in answer.stderr


def test_nor_is_a_further_one():
    answer = verify(*ASKED, "--output", "json=/dev/full")
    assert answer.returncode in {2, 3}
    assert (answer.stdout, b"Traceback" in answer.stderr) == (b"", False)
    assert b"No space left on device" in answer.stderr


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_pipe_that_nobody_reads_is_no_acceptance(name):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        answer = verify(*ASKED, "--format", name, out=pipe)
    assert (answer.returncode, answer.stderr) == (3, b"")


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_standard_output_that_is_closed_is_no_acceptance(name):
    answer = verify(*ASKED, "--format", name, behind=">&-")
    assert answer.returncode == 3
    assert b"standard output is closed" in answer.stderr


def test_without_standard_error_the_exit_status_says_it():
    assert verify(*ASKED, behind="2>&-").returncode == 0
    assert verify("bundle", "good.tar.gz", behind="2>&-").returncode == 2


ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("name", REPORTS)
def test_a_locale_without_unicode_takes_nothing_away(name):
    asked = (
        "bundle",
        "good.tar.gz",
        "--policy",
        "trust.toml",
        "--name",
        "autz-äöü\N{LATIN SMALL LETTER A WITH RING ABOVE}",
    )
    answer = verify(*asked, "--format", name, **ASCII)
    assert answer.returncode == 1, answer.stderr
    assert b"Traceback" not in answer.stderr
    assert answer.stdout.isascii() or name != "text"
    answer.stdout.decode("utf-8")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp437"])
def test_documents_are_utf8_whatever_the_terminal_takes(encoding):
    for name in ("junit", "markdown", "json", "html"):
        answer = verify(*ASKED, "--format", name, PYTHONIOENCODING=encoding)
        assert (answer.returncode, answer.stderr) == (0, b"")
        assert "PASSED" in answer.stdout.decode("utf-8")


@pytest.mark.parametrize("columns", ["1", "20", "40", "80", "500", "0", "-1", "wide"])
def test_any_width_has_every_word(columns):
    usual = verify(*ASKED, COLUMNS="100").stdout.split()
    shown = verify(*ASKED, COLUMNS=columns).stdout.split()
    changing = {len(usual) - 1, *range(len(usual) - 8, len(usual))}
    assert [word for number, word in enumerate(shown) if number not in changing] == [
        word for number, word in enumerate(usual) if number not in changing
    ]


@pytest.mark.parametrize("term", ["dumb", "", "no-such-terminal", None])
def test_any_terminal_is_one(term):
    answer = verify(*ASKED, TERM=term)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"\x1b" not in answer.stdout


def test_colours_that_are_asked_for_are_there_in_a_pipe_too():
    assert b"\x1b[32mPASSED\x1b[0m" in verify(*ASKED, FORCE_COLOR="1").stdout
    assert b"\x1b" not in verify(*ASKED, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b" not in verify(*ASKED, "--format", "json", FORCE_COLOR="1").stdout


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null", "trust.toml"])
def test_a_home_that_cannot_be_written_stops_no_check(home):
    answer = verify(*ASKED, HOME=home, XDG_STATE_HOME=None, XDG_CACHE_HOME=None)
    assert answer.returncode in {0, 3}
    assert b"Traceback" not in answer.stderr
    assert b"internal.error" not in answer.stderr
    if answer.returncode == 3:
        assert b"ledger" in answer.stdout
