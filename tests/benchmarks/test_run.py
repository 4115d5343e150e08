"""A run names what it could not measure, and fails for it in CI; what grows too fast fails it everywhere."""

import inspect
import re
from importlib import import_module
from subprocess import CalledProcessError

import pytest

from benchmarks import __main__ as command
from benchmarks import catalogue, peers
from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.curves.curve import OURS, Curve, Series
from benchmarks.harness import Row
from benchmarks.peers import PEERS, Peer
from benchmarks.results.run import measure

MEASURED = Row(title="fast", against="slow", ours=1.0, theirs=2.0)
ABSENT = Row(title="fast", against="opa", note="opa is not on PATH")


@pytest.fixture
def only(monkeypatch):
    """One benchmark, with these rows or this curve, that needs these peers."""

    def make(*, rows=(), curve=None, needs=()):
        class Made(Benchmark):
            def rows(self):
                return lambda _room: iter(rows)

            def curve(self):
                return lambda _room: curve

        made = Made(module="x", title="X", peers=needs, set=catalogue.CURVES if curve else "")
        monkeypatch.setitem(BENCHMARKS, "made", made)
        monkeypatch.setitem(PEERS, "there", Peer("there", lambda: True))
        monkeypatch.setitem(PEERS, "gone", Peer("gone", lambda: False))

    monkeypatch.delenv("CI", raising=False)
    return make


def test_a_missing_peer_is_named_and_fails_in_ci(only, capsys, monkeypatch):
    only(rows=(MEASURED,), needs=("there", "gone"))
    assert command.main(["made"]) == 0
    assert "not measured: made: gone is missing" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    assert command.main(["made"]) == 1


def test_a_row_without_figures_is_named_and_fails_in_ci(only, capsys, monkeypatch):
    only(rows=(MEASURED, ABSENT))
    monkeypatch.setenv("CI", "true")
    assert command.main(["made"]) == 1
    assert "not measured: made: fast: opa is not on PATH" in capsys.readouterr().err


def test_a_run_that_measured_all_of_it_succeeds_in_ci(only, monkeypatch):
    only(rows=(MEASURED,), needs=("there",))
    monkeypatch.setenv("CI", "true")
    assert command.main(["made"]) == 0


def test_a_section_that_measured_nothing_replaces_none(only):
    only(rows=(ABSENT,))
    assert measure("made", show=lambda _: None).section is None


def test_growth_worse_than_linear_fails_everywhere(only, capsys):
    square = Series(name="ours", role=OURS, points=tuple((size, size**2 * 1e-6) for size in (10, 100, 1000)))
    only(curve=Curve(title="files", counted="files", series=(square,)))
    assert command.main(["made"]) == 1
    assert "worse than linear: made: ours grows by the power of 2.00" in capsys.readouterr().err


def test_a_benchmark_that_breaks_is_told_and_the_others_are_measured(only, capsys, monkeypatch):
    def broken():
        yield MEASURED
        raise CalledProcessError(2, ["verify"], stderr=b"what it said")

    only(rows=broken())
    assert command.main(["made", "made"]) == 1
    told = capsys.readouterr()
    assert "broken: made" in told.err
    assert "what it said" in told.err
    assert "| fast |" in told.out


def test_a_busy_machine_is_said_and_refused_where_a_quiet_one_is_asked_for(only, capsys, monkeypatch):
    only(rows=(MEASURED,))
    monkeypatch.setattr("os.getloadavg", lambda: (64.0, 64.0, 64.0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert command.main(["made"]) == 0
    assert "load 64.0 on 2 cores" in capsys.readouterr().err
    assert command.main(["made", "--quiet"]) == 2
    assert "fast" not in capsys.readouterr().out


def test_what_has_to_be_installed_is_listed_once_each(only, capsys, monkeypatch):
    only(rows=(MEASURED,), needs=("nginx", "wrk", "opa", "openssl"))
    assert command.main(["made", "--peers"]) == 0
    assert capsys.readouterr().out.split() == ["load", "opa"]


def test_an_unknown_name_is_a_mistake():
    with pytest.raises(SystemExit, match="2"):
        command.main(["no-such-benchmark"])


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_imported_and_names_peers_that_are_known(name):
    each = BENCHMARKS[name]
    assert callable(each.curve() if each.is_curve else each.rows())
    assert set(each.peers) <= PEERS.keys()


def test_every_peer_is_installed_by_a_name_that_the_script_knows():
    from tests.support.places import ROOT  # noqa: PLC0415

    script = (ROOT / ".ci" / "peers").read_text()
    assert [each.installed_by for each in peers.PEERS.values() if each.installed_by not in script] == []


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_peer_that_a_benchmark_looks_for_is_one_that_it_names(name):
    source = inspect.getsource(import_module(f"benchmarks.{BENCHMARKS[name].module.partition(':')[0]}"))
    looked_for = set(re.findall(r'\bpeer\("([^"]+)"\)', source))
    assert {each for each in looked_for if not any(each.startswith(known) for known in BENCHMARKS[name].peers)} == set()
