"""One constant, one writer, one place that knows a kind: what is there twice goes apart one day.

Where several may do a thing, a list says who: the test wants it to be exactly what is found.
"""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.source_tree import PACKAGE, SOURCES, called, calls, constants, named, tree

WORKERS = {"verifier/audit/online/child.py", "verifier/rego/worker.py", "verifier/secrets/worker.py"}
"""Are run by their paths in processes of their own, and import nothing of ours."""
ITS_OWN = {"TypeVar", "object"}
"""Whatever these make is another one each time."""
JSON_WRITERS = {
    "verifier/audit/online/child.py": "what pip-audit was answered: it imports nothing of ours",
    "verifier/formats/json/write.py": "the writer",
    "verifier/rego/children/child.py": "what the launcher is asked: limits, and the program",
    "verifier/rego/worker.py": "what the worker answers: it imports nothing of ours",
}
"""Whoever writes JSON, and what."""


JSON_READERS = {
    "verifier/audit/database/fetched/broken.py": "what a broken record names, under each of two equal keys",
    "verifier/audit/database/kept.py": "what was read strictly before, by its own digest",
    "verifier/cli/help/catalogue.py": "what is written down of our own commands",
    "verifier/audit/online/child.py": "what pip-audit is to ask: it imports nothing of ours",
    "verifier/formats/cyclonedx/schema.py": "schemas, which come with the library",
    "verifier/formats/json/strict_json.py": "the reader",
    "verifier/ledger/checker.py": "events, judged from outside: by none of what reads them elsewhere",
    "verifier/ledger/postgres/rows.py": "what this process has written a moment before",
    "verifier/ledger/record.py": "records, which are refused unless writing them again makes the same text",
    "verifier/rego/children/confined.py": "what the launcher is asked: it imports nothing of ours",
    "verifier/rego/children/opa_command.py": "what OPA answers",
    "verifier/rego/kept.py": "what was written whole, by its own digest",
    "verifier/rego/organisation/embedded/tokens.py": "one string of a rule, which a pattern has found",
    "verifier/rego/regocpp.py": "what the worker answers",
    "verifier/rego/worker.py": "what the worker is given: it imports nothing of ours",
    "verifier/signatures/domains.py": "what may be something else: as leniently as whoever else might read it",
}
"""Whoever turns text into JSON values, and which."""


def is_one_value(value: ast.expr) -> bool:
    """Whether the same text is the same value wherever it stands; a format's parts may differ."""
    made_new = isinstance(value, ast.Call) and ast.unparse(value.func) in ITS_OWN
    return not made_new and not isinstance(value, ast.JoinedStr)


def twice(sources: list[Path]) -> dict[str, list[str]]:
    """The constants that several modules define with one value, with or without an underscore."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sources:
        for name, value in constants(path):
            if is_one_value(value):
                found[name.lstrip("_"), ast.unparse(value)].append(named(path))
    return {name: modules for (name, _), modules in found.items() if len(modules) > 1}


def test_no_constant_is_defined_twice():
    sources = [path for path in SOURCES if named(path) not in WORKERS]
    assert twice(sources) == {}


def test_a_second_definition_would_be_found():
    assert {"OUT_OF_MEMORY", "MAX_MESSAGE"} <= set(twice(SOURCES))


def writes_json(path: Path) -> bool:
    names = {name.removeprefix("json.") for name in called(path)}
    return bool({"dumps", "dump", "JSONEncoder"} & names)


def test_whoever_writes_json_is_known():
    assert [named(path) for path in SOURCES if writes_json(path)] == sorted(JSON_WRITERS)


def test_whoever_reads_json_is_known():
    reads = {"json.loads", "json.load", "json.JSONDecoder", "JSONDecoder"}
    assert [named(path) for path in SOURCES if reads & called(path)] == sorted(JSON_READERS)


@pytest.mark.parametrize("other", ["orjson", "simplejson", "ujson", "msgspec"])
def test_json_is_written_by_the_standard_library(other):
    assert [named(path) for path in SOURCES if any(name.startswith(f"{other}.") for name in called(path))] == []


def kinds() -> set[str]:
    """The classes of artifacts: what `kinds/` defines on the base of `Artifact`."""
    defined = (node for path in (PACKAGE / "kinds").rglob("*.py") for node in tree(path).body)
    return {
        node.name
        for node in defined
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Artifact") for base in node.bases)
    }


def asks(path: Path, names: set[str]) -> int:
    """How often a module asks what kind an artifact is."""
    tests = [call.args[1] for call in calls(path) if ast.unparse(call.func) in {"isinstance", "issubclass"}]
    cases = [node.cls for node in ast.walk(tree(path)) if isinstance(node, ast.MatchClass)]
    types = [
        side
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare) and "type(" in ast.unparse(node)
        for side in (node.left, *node.comparators)
    ]
    asked = [
        node
        for each in (*tests, *cases, *types)
        for node in ast.walk(each)
        if isinstance(node, ast.Name | ast.Attribute)
    ]
    return sum(ast.unparse(node).rpartition(".")[2] in names for node in asked)


def test_only_kinds_knows_what_kind_an_artifact_is():
    names = kinds()
    assert "Bundle" in names
    found = {named(path): asks(path, names) for path in SOURCES if "kinds" not in path.parts}
    assert {name: times for name, times in found.items() if times} == {}


def test_who_asks_elsewhere_would_be_found():
    readers = [path for path in (PACKAGE / "kinds" / "bundle").glob("*.py") if asks(path, {"Bundle"})]
    assert readers
