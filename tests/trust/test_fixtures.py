"""Every policy under fixtures/trust: the good are accepted, the bad refused at the line that says so."""

import pytest

from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError

FIXTURES = ROOT / "fixtures" / "trust"
GOOD = sorted(FIXTURES.glob("good/*.toml"))
BAD = sorted(FIXTURES.glob("bad/*.toml"))
MARKER = "#~ "


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_policy_is_accepted(path, parse):
    assert parse(path.read_bytes()).id


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_policy_is_refused_at_its_line(path, parse):
    marked = [(n, line) for n, line in enumerate(path.read_text().splitlines(), start=1) if MARKER in line]
    assert len(marked) == 1
    number, line = marked[0]
    message, _, hint = line.partition(MARKER)[2].partition(" | ")
    with pytest.raises(ConfigurationError) as refused:
        parse(path.read_bytes())
    assert refused.value.where == f"trust.toml:{number}"
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_there_are_fixtures_to_run():
    assert len(GOOD) >= 3
    assert len(BAD) >= 80
