"""One word means one thing: what the command says is held to the glossary, as far as words can be."""

import re

import pytest

from tests.support.places import ROOT
from tests.support.transcripts.recorded import mistakes
from verifier.cli.help.catalogue import catalogue
from verifier.core.reasons.table import CATALOGUE

GLOSSARY = ROOT / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| word ")
]
AVOIDED = [(word, other.strip()) for word, _, others in ROWS for other in others.split(",") if other.strip()]


def said():
    """Every text of the catalogue of reasons, the help, and what mistakes are answered with."""
    for row in CATALOGUE.values():
        yield row.code, " ".join((row.title, row.cause, row.remedy))
    yield "docs/commands.md", (ROOT / "docs" / "commands.md").read_text()
    for each in mistakes():
        yield each.name, each.said


TEXTS = list(said())


def test_there_is_something_to_hold():
    assert len(ROWS) > 40
    assert len(AVOIDED) > 20
    assert len(TEXTS) > 300
    assert catalogue()


def test_a_word_is_explained_once():
    words = [word.strip() for row in ROWS for word in row[0].split(",")]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(("word", "other"), AVOIDED)
def test_what_is_said_has_the_glossary_s_word(word, other):
    found = re.compile(rf"\b{re.escape(other)}\b", re.IGNORECASE)
    assert [name for name, text in TEXTS if found.search(text)] == [], f"it is called {word}"


def test_another_word_would_be_found():
    assert any(re.search(rf"\b{re.escape(other)}\b", "the ledger keeps the mark") for _, other in AVOIDED)


def test_a_first_epoch_is_never_said():
    assert [name for name, text in TEXTS if re.search(r"\b0:\d+\.\d+", text)] == []
