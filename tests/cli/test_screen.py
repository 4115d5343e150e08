"""How wide an answer may be: what the caller says, else the terminal, else a usual width."""

import io
import os
import pty
import termios
from contextlib import contextmanager, redirect_stdout

import pytest

from verifier.cli import screen


@contextmanager
def terminal():
    """A terminal of 77 columns as standard output."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 77))
    with os.fdopen(theirs, "w") as stream, redirect_stdout(stream):
        yield
    os.close(ours)


@pytest.fixture(autouse=True)
def nothing_is_stated(monkeypatch):
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_is_as_wide_as_it_is():
    with terminal():
        assert screen.columns() == 77


def test_whoever_states_a_width_gets_it(monkeypatch):
    monkeypatch.setenv("COLUMNS", "91")
    with terminal():
        assert screen.columns() == 91


@pytest.mark.parametrize("stated", ["", "0", "-5", "wide", "1e3", "9" * 5_000], ids=lambda stated: stated[:5])
def test_a_stated_width_that_is_none_is_not_heard(monkeypatch, stated):
    monkeypatch.setenv("COLUMNS", stated)
    with terminal():
        assert screen.columns() == 77


def test_a_file_has_a_usual_width(tmp_path):
    with (tmp_path / "out").open("w") as stream, redirect_stdout(stream):
        assert screen.columns() == 100


def test_so_has_what_is_no_file_at_all():
    with redirect_stdout(io.StringIO()):
        assert screen.columns() == 100


def test_a_terminal_has_colours_and_a_file_has_none():
    with terminal():
        assert screen.colours()
    with redirect_stdout(io.StringIO()):
        assert not screen.colours()


class TestColours:
    def test_whoever_asks_for_them_has_them_anywhere(self, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "0")  # any value: https://force-color.org
        monkeypatch.setenv("TERM", "dumb")
        with redirect_stdout(io.StringIO()):
            assert screen.colours()

    def test_an_empty_wish_is_none(self, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "")
        with redirect_stdout(io.StringIO()):
            assert not screen.colours()

    def test_whoever_wants_none_has_none_whatever_else_is_wished(self, monkeypatch):
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("FORCE_COLOR", "1")
        with terminal():
            assert not screen.colours()

    def test_a_terminal_that_cannot_show_them_has_none(self, monkeypatch):
        monkeypatch.setenv("TERM", "dumb")
        with terminal():
            assert not screen.colours()


@pytest.mark.parametrize(("stated", "shown"), [("1", 20), ("20", 20), ("80", 80), ("4000", 120)])
def test_a_report_is_as_wide_as_is_good_to_read(monkeypatch, stated, shown):
    monkeypatch.setenv("COLUMNS", stated)
    assert screen.standard_output().columns == shown
