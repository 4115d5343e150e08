"""docs/schemas/policy-v1.json: whatever the program reads as a policy, the schema takes, and it knows the same keys."""

import json
import tomllib

import jsonschema
import pytest

from tests.support.places import ROOT
from verifier.formats.toml.table import Table
from verifier.trust.kinds import KINDS
from verifier.trust.template import starter_policy

SCHEMA = json.loads((ROOT / "docs/schemas/policy-v1.json").read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FOLDER = ROOT / "fixtures/trust"
GOOD = sorted([*(FOLDER / "good").glob("*.toml"), *(FOLDER / "said").glob("*.toml")])
BAD = sorted((FOLDER / "bad").glob("*.toml"))
NAMED = ("signers", "artifacts", "builders", "verifiers")


def plain(value):
    """A TOML value as JSON has it: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else value.isoformat()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_the_program_reads_the_schema_takes(path):
    VALIDATOR.validate(plain(tomllib.loads(path.read_text())))


@pytest.mark.parametrize("kind", KINDS)
def test_it_takes_the_policy_that_one_starts_with(kind):
    VALIDATOR.validate(plain(tomllib.loads(starter_policy(artifact=f"{kind}:app"))))


def described(path):
    """The schema of the table at a path of keys."""
    here = SCHEMA
    for depth, key in enumerate(path):
        tables = [here, *here.get("anyOf", ())]
        here = next(
            each["additionalProperties"] if depth == 1 and path[0] in NAMED else each["properties"][key]
            for each in tables
            if key in each.get("properties", ()) or (depth == 1 and path[0] in NAMED)
        )
    return next(each for each in (here, *here.get("anyOf", ())) if each.get("type") == "object")


@pytest.fixture
def opened(monkeypatch):
    """The keys that the program knows of each table, by its path."""
    known = {}
    original = Table.open.__func__

    def watched(cls, source, path, value, keys):
        known.setdefault(tuple(path), set()).update(keys)
        return original(cls, source, path, value, keys)

    monkeypatch.setattr(Table, "open", classmethod(watched))
    return known


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_knows_the_keys_that_the_program_knows_and_no_others(path, opened, parse):
    parse(path.read_bytes())
    assert opened
    for table, keys in opened.items():
        if (said := described(table)).get("additionalProperties") is False:
            assert set(said["properties"]) == keys, table


def test_each_key_of_a_table_is_described():
    without = [
        key
        for name in ("artifacts", "signers", "builders", "verifiers")
        for key, shape in SCHEMA["properties"][name]["additionalProperties"]["properties"].items()
        if not shape.get("description")
    ]
    assert without == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"unheard_of": 1},
        {"artifacts": {"file:x": {}}},
        {"signers": {"a": {"kye": "a.pub"}}},
        {"limits": {"members": 0}},
    ],
)
def test_a_slip_is_seen_by_an_editor(change):
    document = {"version": 1, "id": "urn:example:policy"} | change
    assert list(VALIDATOR.iter_errors(document))
