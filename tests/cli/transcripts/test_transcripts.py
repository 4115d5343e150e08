"""Mistakes that people make, and what they are told: word for word, and each by the rule.

The rule: it names what was seen, what was expected, and the one thing to do. A row is graded by who read it: A where
what to type is in it, B where it is said what to do. There is nothing below B, and nothing here writes a row.
"""

import re
import shutil

import pytest

from tests.support import workplace
from tests.support.transcripts import scene
from tests.support.transcripts.recorded import FOLDER, at_a_terminal, mistakes, told
from verifier.core.reasons.table import CATALOGUE

ROWS = mistakes()
ACCUSING = re.compile(r"tamper|forg(?:ed|ery)|malicious|attacker|who changed|manipulat|suspicious|evil", re.IGNORECASE)
ORDERS = [
    "Add",
    "Audit",
    "Check",
    "Commands",
    "Correct",
    "Derive",
    "Download",
    "Fetch",
    "Find",
    "Get",
    "Give",
    "Import",
    "Keep",
    "Leave",
    "Lock",
    "Log",
    "Look",
    "Make",
    "Mend",
    "Name",
    "Pack",
    "Pass",
    "Publish",
    "Put",
    "Rebuild",
    "Restore",
    "Run",
    "Save",
    "Say",
    "See",
    "Sign",
    "Stop",
    "Type",
    "Unpack",
    "Use",
    "Write",
]
"""Words that tell somebody to do something, at the beginning of a sentence or behind a comma, a colon or a dash."""
SAID_OTHERWISE = (
    *("Did you mean", "did you mean", "known: ", "It is ", "For that", "here: ", "written in quotes", "is written "),
    *("A shell reads", "Its public half is", "Nothing needs a", "Nothing is edited", "chmod ", "`verify "),
    *(" is given with ", " is `verify ", " is made by `", " is signed by `", " is built by `", " is listed by "),
)
DOING = re.compile(
    rf"(?:^|[.;:,>] (?:or )?)(?:{'|'.join((*ORDERS, *map(str.lower, ORDERS)))})\b"
    rf"|{'|'.join(re.escape(each) for each in SAID_OTHERWISE)}"
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """The good files, made once."""
    place = tmp_path_factory.mktemp("furnished")
    with pytest.MonkeyPatch.context() as patch:
        workplace.alone(place, patch)
        scene.furnish(place)
    return place


@pytest.fixture
def place(furnished, tmp_path, monkeypatch):
    """A copy of them to run a mistake in."""
    place = tmp_path / "work"
    shutil.copytree(furnished, place, symlinks=True)
    workplace.alone(place, monkeypatch)
    return place


def test_there_are_many_of_every_user():
    assert len(ROWS) > 180
    assert {row.who for row in ROWS} == {path.stem for path in FOLDER.glob("*.toml")}
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("mistake", ROWS, ids=lambda row: row.name)
def test_a_mistake_is_answered_word_for_word(mistake, place):
    assert told(mistake, place) == (mistake.status, mistake.said)


@pytest.mark.parametrize("mistake", ROWS, ids=lambda row: row.name)
class TestTheRule:
    def test_it_is_graded_and_none_is_below_b(self, mistake):
        assert mistake.grade in {"A", "B"}
        assert mistake.status in {1, 2, 3}

    def test_it_names_what_it_is_about(self, mistake):
        """A reason code, an option, an argument, or the file with its line."""
        first = next(line for line in mistake.said.splitlines() if not line.startswith("warning: "))
        code = first.removeprefix("verify: ").partition(":")[0].split()[0]
        named = code in CATALOGUE or first.startswith("verify: error: ") or "error  " in mistake.said
        assert named, first

    def test_it_says_what_to_do(self, mistake):
        doing = [line.strip() for line in mistake.said.splitlines() if line.startswith("  ")]
        assert any(DOING.search(line) for line in doing), doing

    def test_nobody_is_accused_and_nothing_is_a_defect(self, mistake):
        assert not ACCUSING.search(mistake.said)
        for defect in ("Traceback", "internal.error", "object at 0x", "<class", "None:"):
            assert defect not in mistake.said

    def test_at_a_terminal_no_line_is_wider(self, mistake, place, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        for name, kind in mistake.files.items():
            scene.lay(place, name, kind)
        wide = [line for line in at_a_terminal(mistake).splitlines() if len(line) > 80]
        # A word that is longer is not broken: it is to be copied whole.
        assert [line for line in wide if len(line.split()) > 1 and len(max(line.split(), key=len)) < 60] == []
