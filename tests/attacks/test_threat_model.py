"""Every row of the threat model is linked to what shows it, and every attack to its row."""

import re
from pathlib import Path

import pytest

from fixtures.attacks.catalogue import AREAS, catalogue, staged
from tests.support.docs.threats import TEXT, names_in
from verifier.core.reasons.table import CATALOGUE

ROOT = Path(__file__).parents[2]
STAGED = staged()


def rows():
    """The threat model's rows by id: what they are shown by."""
    found = {}
    for line in TEXT.splitlines():
        if line.startswith("| T-"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found[cells[0]] = cells[3]
    return found


def test_every_row_has_an_attack_or_is_named_as_a_risk_that_it_has_none():
    without = set(rows()) - {attack.threat for attack in (*catalogue(), *STAGED)}
    said = re.search(r"^Threats that have tests and no attack in the catalogue yet: ([^.]*)\.", TEXT, re.MULTILINE)
    assert without == set(re.findall(r"T-\d+", said[1] if said else ""))


@pytest.mark.parametrize("threat", rows())
def test_what_a_row_is_shown_by_is_there(threat):
    shown = rows()[threat]
    paths = re.findall(r"`((?:tests|fixtures)/[^`]+)`", shown)
    areas = re.findall(r"\*([a-z]+)\*", shown.lower())
    assert paths or areas
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [area for area in areas if area not in AREAS] == []


def test_every_attack_is_of_a_row():
    assert {attack.threat for attack in (*catalogue(), *STAGED)} <= set(rows())


def test_no_two_attacks_share_a_name():
    names = [attack.id for attack in (*catalogue(), *STAGED)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("attack", STAGED, ids=lambda attack: attack.id)
def test_a_staged_attack_names_its_test_and_its_codes(attack):
    path, _, name = attack.test.partition("::")
    assert name in names_in(path)
    assert set(attack.codes) <= set(CATALOGUE)
