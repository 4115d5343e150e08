"""What one more check with a key in the policy costs: a section's file and row, the check's, and a reason code."""

import json

import pytest

from tests.support.material import public_pem
from tests.support.stories import NOW, signed
from tests.support.toys.house import House

SECTION = '''"""`colour`: of which colour an artifact's name must be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names


class ColourRule(RuleSection):
    """The colour, or None for any."""

    name: ClassVar[str] = "colour"
    keys: ClassVar[tuple[str, ...]] = ("colour",)
    judged: ClassVar[bool] = True

    colour: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> ColourRule:
        return cls(colour=rule.text("colour"))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield f"{rule.pattern}: its name must be {self.colour}."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        if cls.of(rule).colour is None:
            yield "no colour: any will do"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'colour = "green"\\n'
'''

CHECK = '''"""Colour: is the artifact's name of the colour that the rule asks for?"""

from __future__ import annotations

from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.trust.sections.colour import ColourRule

NAME = "colour"


def check(inspection: Inspection) -> Outcome:
    wanted, subject = ColourRule.of(inspection.rule).colour, inspection.artifact.reference
    wrong = wanted is not None and wanted not in subject
    return outcome_of([Reason(code="provenance.wrong-colour", subject=subject, message="m")] if wrong else [])
'''

NEW = {"trust/sections/colour.py": SECTION, "checks/colour.py": CHECK}

ROWS = (
    ("trust/sections/table.py", "SECTIONS = (\n", '    Row(name="colour", value="ColourRule", keys=("colour",)),\n'),
    (
        "checks/table.py",
        "CHECKS: tuple[tuple[str, Check], ...] = (\n",
        "    (colour.NAME, colour.check),\n",
    ),
    (
        "checks/table.py",
        "from verifier.evidence.inspection import Check\n",
        "from verifier.checks import colour\n",
    ),
    (
        "core/reasons/trust/provenance.py",
        "PROVENANCE: tuple[ReasonCode, ...] = (\n",
        '    error("provenance.wrong-colour", "of another colour", cause="c", remedy="r", threat="T-205"),\n',
    ),
)

POLICY = """version = 1
id = "urn:example:policy"
signers.release.key = "key.pem"
[artifacts."bundle:*"]
signatures.from = ["release"]
version = "none"
"""

ASKED = """
import json
from datetime import datetime
from pathlib import Path
import verifier
from verifier.trust.template import starter_policy
from verifier.trust.weaknesses import weaknesses
from verifier.trust.words import explain_policy
now = datetime.fromisoformat(NOW)
plain, green = (verifier.load_policy(Path(name)) for name in ("plain.toml", "green.toml"))
def codes(name):
    judged = verifier.verify(Path("bundle.tar.gz"), name=name, policy=green, now=now)
    return [reason.code for reason in judged.verdict.reasons]
print(json.dumps({
    "words": explain_policy(green),
    "weak": [[str(each) for each in weaknesses(policy, now)] for policy in (plain, green)],
    "starter": starter_policy(),
    "codes": [codes(name) for name in ("green", "red")],
}))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.add(NEW, ROWS)
    (made.folder / "bundle.tar.gz").write_bytes(signed(keyid="release"))
    (made.folder / "key.pem").write_bytes(public_pem("p256"))
    (made.folder / "plain.toml").write_text(POLICY)
    (made.folder / "green.toml").write_text(f'{POLICY}colour = "green"\n')
    return made


def test_it_touches_three_files(house):
    assert house.touched() == {
        "verifier/trust/sections/table.py",
        "verifier/checks/table.py",
        "verifier/core/reasons/trust/provenance.py",
    }


def test_it_is_read_said_written_and_judged(house):
    ran = house.run("-c", ASKED.replace("NOW", repr(NOW.isoformat())))
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert "bundle:*: its name must be green." in said["words"]
    plain, green = said["weak"]
    assert set(plain) - set(green) == {'artifacts."bundle:*": no colour: any will do'}
    assert 'colour = "green"\n' in said["starter"]
    accepted, denied = said["codes"]
    assert set(denied) - set(accepted) == {"provenance.wrong-colour"}
