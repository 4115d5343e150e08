"""What one more kind of artifact costs: its folder, a row for who reads it, and one for who writes rules for it."""

import json

import pytest

from tests.support.material import public_pem
from tests.support.stories import NOW, detached
from tests.support.toys.house import House

POEM = b"version 1.2.0\nroses are red\n"
KIND = '''"""Poems: text whose first line says its version."""

from __future__ import annotations

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.outcome import Outcome, Passed, Reason, outcome_of
from verifier.evidence.inspection import Evidence, Inspection
from verifier.formats.json.strict_json import JsonValue
from verifier.kinds.kind import Kind, Reading


def _read(content: bytes, reading: Reading) -> Artifact:
    if not content.startswith(b"version "):
        raise refuse("input.unreadable", reading.name, "a poem says its version first")
    digest = Digest.of(content)
    return Artifact(
        kind="poem", name=reading.name, resource_uri=reading.resource_uri, digest=digest, content=content
    )


def _version(poem: Artifact, _: str) -> str | None:
    return poem.content.split(b"\\n")[0].removeprefix(b"version ").decode()


def _facts(poem: Artifact, _: Evidence) -> JsonValue:
    return {"lines": poem.content.count(b"\\n")}


def _check(inspection: Inspection) -> Outcome:
    if b"roses" in inspection.artifact.content:
        return Passed()
    return outcome_of([Reason(code="input.unreadable", subject="poem", message="no roses")])


KIND = Kind(
    name="poem",
    read=_read,
    facts=_facts,
    versions={"verse.number": _version},
    checks=(("roses", _check),),
)
'''
ROWS = (
    ("kinds/table.py", "MappingProxyType({", '"poem": "poem.kind", '),
    (
        "trust/kinds.py",
        "KINDS: Mapping[str, RuleKind] = MappingProxyType(\n    {\n",
        '        "poem": RuleKind(plural="poems", version_from="verse.number", versions=("verse.number",)),\n',
    ),
)
POLICY = """version = 1
id = "urn:example:policy"
signers.ed25519.key = "key.pem"
[artifacts."poem:*"]
scope = "each-name"
signatures.from = ["ed25519"]
version = { from = "verse.number", scheme = "semver" }
"""
ASKED = """
import json
from datetime import datetime
from pathlib import Path
import verifier
from verifier.engine.request import Request
policy, now = verifier.load_policy(Path("trust.toml")), datetime.fromisoformat(NOW)
verifier.create_ledger("sqlite:ledger.db")
said = []
with verifier.open_ledger("sqlite:ledger.db") as ledger:
    for name in ("poem", "older", "prose"):
        request = Request(
            source=Path(f"{name}.txt"), kind="poem", name="rose", policy=policy, now=now, correlation_id="c",
            attestations=(verifier.Document(name="a", content=Path(f"{name}.json").read_bytes()),),
            ledger=ledger, record=True,
        )
        done = verifier.verify_artifact(request)
        codes = [each.code for each in done.verdict.reasons]
        said.append([done.verdict.subject.version, codes, done.content is not None])
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.add({"kinds/poem/__init__.py": "", "kinds/poem/kind.py": KIND}, ROWS)
    (made.folder / "key.pem").write_bytes(public_pem("ed25519"))
    (made.folder / "trust.toml").write_text(POLICY)
    poems = {"poem": POEM, "older": POEM.replace(b"1.2.0", b"1.1.0"), "prose": b"roses, unversioned\n"}
    for name, content in poems.items():
        (made.folder / f"{name}.txt").write_bytes(content)
        attested = detached(content, kind="poem", name="rose", version=None).content
        (made.folder / f"{name}.json").write_bytes(attested)
    return made


def test_it_touches_two_files(house):
    assert house.touched() == {"verifier/kinds/table.py", "verifier/trust/kinds.py"}


def test_it_is_read_ordered_recorded_and_handed_on(house):
    ran = house.run("-c", ASKED.replace("NOW", repr(NOW.isoformat())))
    assert ran.returncode == 0, ran.stderr
    newest, older, prose = json.loads(ran.stdout)
    assert newest == ["1.2.0", ["version.first-use"], True]
    assert older == ["1.1.0", ["version.rollback"], False]
    assert prose == [None, ["input.unreadable"], False]
