"""Hints accuse nobody of tampering, unless a digest, or a signature over known bytes by a known key, differs."""

import ast
import re

import pytest

from tests.support.places import ROOT
from verifier.core.reasons.table import CATALOGUE
from verifier.formats.foreign.attesting import ATTESTING
from verifier.formats.foreign.describing import DESCRIBING
from verifier.formats.foreign.first_bytes import BINARY
from verifier.formats.foreign.texts import TEXTS

MAY_SAY_SO = frozenset({"digest.mismatch", "image.digest-mismatch"})
"""What differs from its digest was changed, by whomever."""

ACCUSES = re.compile(
    r"tamper|forge[ds]?\b|who (?:has )?(?:changed|removed|replaced|altered)|has changed it|attack|manipulat|malicious"
    r"|impersonat|hacked|compromised|adversary|passed off",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", sorted(CATALOGUE.keys() - MAY_SAY_SO))
def test_a_remedy_accuses_nobody(code):
    assert not ACCUSES.search(CATALOGUE[code].remedy)


@pytest.mark.parametrize("code", sorted(MAY_SAY_SO))
def test_a_differing_digest_may_be_called_a_change(code):
    assert ACCUSES.search(CATALOGUE[code].remedy)


def hints() -> set[tuple[str, str]]:
    """Every text that is, or becomes, a hint: what stands under `hint`, `hint=` or in a table of what to do."""
    found = set()
    for path in (ROOT / "verifier").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            values = []
            if (isinstance(node, ast.keyword) and node.arg in ("hint", "remedy", "todo")) or (
                isinstance(node, ast.Assign)
                and any(isinstance(each, ast.Name) and each.id in ("hint", "todo") for each in node.targets)
            ):
                values = [node.value]
            for value in values:
                found |= {
                    (path.name, each.value)
                    for each in ast.walk(value)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found


def test_no_hint_in_the_code_accuses_anybody():
    said = hints()
    assert len(said) > 100
    allowed = {CATALOGUE[code].remedy for code in MAY_SAY_SO}
    assert [each for each in said if ACCUSES.search(each[1]) and each[1] not in allowed] == []


def test_what_a_foreign_format_is_told_accuses_nobody():
    assert not [row for row in (*BINARY, *TEXTS, *ATTESTING, *DESCRIBING) if ACCUSES.search(row.foreign.todo)]
