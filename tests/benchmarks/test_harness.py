"""How a ratio is made: what is compared, what is counted, and how it is said."""

import sys

import pytest

from benchmarks.harness import Row, compare, process, timed
from benchmarks.results.table import line, number, side, table

BURN = "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass"


def test_a_side_that_fails_stops_the_benchmark(tmp_path):
    failing = process([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    with pytest.raises(Exception, match="exit status 3"):
        compare(failing, failing, title="x", against="y", rounds=1)


def test_cpu_seconds_are_those_of_the_process_and_its_children(tmp_path):
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}], check=True)"
    assert timed(process([sys.executable, "-c", script], tmp_path)).cpu >= 0.1


def test_cpu_seconds_of_a_function_are_those_of_this_process_too():
    assert timed(lambda: exec(BURN)).cpu >= 0.1  # noqa: S102 - what the process above does


def test_whole_processes_have_both_figures_and_functions_have_the_wall(tmp_path):
    command = process([sys.executable, "-I", "-S", "-c", ""], tmp_path)
    whole = compare(command, command, title="x", against="y", rounds=1)
    assert whole.cpu_ratio is not None
    assert compare(int, int, title="x", against="y", rounds=1).cpu_ratio is None


def test_a_row_without_figures_meets_nothing():
    row = Row(title="x", against="y", target=1.0, note="opa is not on PATH")
    assert (row.ratio, row.met) == (None, None)
    assert "opa is not on PATH" in line(row)


def test_a_target_is_missed_aloud():
    assert "2.0 (missed)" in line(Row(title="x", against="y", ours=3.0, theirs=1.0, target=2.0))
    assert "missed" not in line(Row(title="x", against="y", ours=2.0, theirs=1.0, target=2.0))


def test_columns_for_cpu_are_there_where_a_row_has_any():
    plain = Row(title="x", against="y", ours=1.0, theirs=2.0)
    cpu = Row(title="x", against="y", ours=1.0, theirs=2.0, cpu_ours=0.5, cpu_theirs=0.25)
    assert "CPU" not in table([plain])
    shown = table([plain, cpu]).splitlines()
    assert {each.count("|") for each in shown} == {10}
    assert shown[-1].endswith("| 500 ms | 250 ms | 2.00 |")


def test_a_title_cannot_end_its_cell():
    assert line(Row(title="gunzip | openssl", against="y")).count("|") == 10


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.6, 1, "0.6"), (0.35, 1, "0.35"), (2, 1, "2.0"), (0.02, 1, "0.02"), (0.0012, 2, "0.0012"), (20.26, 2, "20.26")],
)
def test_numbers_keep_the_digits_that_count(value, digits, shown):
    assert number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0421, "s", "42 ms"),
        (0.0051, "s", "5.1 ms"),
        (12.34, "s", "12.3 s"),
        (4e-5, "s", "40 µs"),
        (4.1e-4, "s", "410 µs"),
        (0.00999, "s", "10 ms"),
        (9.4, "KiB", "9.4 KiB"),
        (150.2, "MiB", "150 MiB"),
        (None, "s", ""),
    ],
)
def test_a_side_is_said_in_its_unit(value, unit, shown):
    assert side(value, unit) == shown
