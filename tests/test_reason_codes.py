"""The catalogue is the whole truth: every code is said somewhere, expected somewhere, and documented."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tools.generate import pages
from verifier.core.outcome import Reason
from verifier.core.reasons.code import ReasonCode
from verifier.core.reasons.table import CATALOGUE
from verifier.core.reasons.words import describe
from verifier.core.severity import Severity

EMITTED_BY_THE_COMMAND = {"internal.error"}
"""Written into a line of standard error, not into a `Reason`."""


REASONS = ROOT / "verifier" / "core" / "reasons"
WORDS = sorted(path for path in REASONS.glob("*/*.py") if path.name != "__init__.py")


def rows(path: Path) -> tuple[ReasonCode, ...]:
    """What the file of a first word defines under the word's name."""
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found: tuple[ReasonCode, ...] = getattr(module, path.stem.upper())
    return found


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.stem)
def test_the_codes_of_a_first_word_lie_in_its_file(path):
    assert rows(path)
    assert {row.code.partition(".")[0] for row in rows(path)} == {path.stem}


def test_the_table_has_every_row_of_every_file_once():
    assert sorted(CATALOGUE) == sorted(row.code for path in WORDS for row in rows(path))


def texts(folder: str) -> set[str]:
    """Every string literal in the Python files of a folder, the catalogue itself left out."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        if REASONS in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def expected_by_attacks() -> str:
    return "".join(path.read_text() for path in (ROOT / "fixtures").rglob("*.toml"))


def is_said(code: str, said: set[str]) -> bool:
    """Whether the code stands in the source, in whole or put together of its area and the rest."""
    area, _, rest = code.partition(".")
    return code in said or {f"{area}.", rest} <= said


def test_every_code_is_said_somewhere():
    said = texts("verifier")
    assert [code for code in CATALOGUE if code not in EMITTED_BY_THE_COMMAND and not is_said(code, said)] == []


def test_every_code_is_expected_by_a_test_or_an_attack():
    expected, attacks = texts("tests") | texts("fixtures"), expected_by_attacks()
    unexpected = [code for code in CATALOGUE if code not in expected and f'"{code}"' not in attacks]
    assert unexpected == []


def test_every_row_says_what_causes_it_and_what_to_do():
    for row in CATALOGUE.values():
        assert row.title
        assert row.title[0].islower()
        assert not row.title.endswith(".")
        assert row.cause.endswith(".")
        assert row.remedy.endswith(".")


def test_only_errors_are_undecided():
    assert all(row.severity is Severity.ERROR for row in CATALOGUE.values() if row.undecided)


def test_a_code_that_does_not_exist_cannot_be_used():
    with pytest.raises(KeyError):
        describe("no.such-code")
    with pytest.raises(KeyError):
        Reason(code="no.such-code", subject="s", message="m")


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.name)
def test_the_generated_pages_are_up_to_date(path):
    assert path.read_text() == pages()[path], "run `make docs`"
