"""The house rules that a reader relies on, held by machine."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.source_tree import FOLDERS, PACKAGE, SOURCES, TESTS, attributes, called, calls, module, named, tree
from verifier.core.reasons.table import CATALOGUE

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_COMMAND = 350, 45, 120
MOST_FILES = 15
"""In one folder; `__init__.py` is none that anybody looks for."""
LONG_TESTS = {
    "tests/cli/commands/test_artifact.py",
    "tests/engine/test_attestations.py",
    "tests/loading/test_loader.py",
    "tests/signatures/sigstore/test_keyless.py",
    "tests/signatures/test_opa_jws.py",
}
"""Files of tests that are longer than a file may be: may only shrink."""
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the docstring to the end: the parameters of a command are its table of options."""
    return function.end_lineno - function.body[0].lineno + 1


def test_there_is_something_to_hold():
    assert len(SOURCES) > 100


def test_no_file_is_longer_than_can_be_read_in_one_sitting():
    assert [named(path) for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_file_of_tests_is_longer_either():
    assert {named(path) for path in TESTS if len(path.read_text().splitlines()) > LONGEST_FILE} == LONG_TESTS


def test_a_folder_is_taken_in_at_a_glance():
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"]
    held = Counter(named(path.parent) for path in files)
    assert {folder: count for folder, count in held.items() if count > MOST_FILES} == {}


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{named(path)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_a_command_is_a_short_file():
    commands = sorted((PACKAGE / "cli").rglob("*.py"))
    assert [named(path) for path in commands if len(path.read_text().splitlines()) > LONGEST_COMMAND] == []


def test_packages_hold_no_code_but_the_facade():
    assert [named(path) for path in PACKAGE.rglob("*/__init__.py") if path.read_text()] == []


def test_what_is_frozen_is_a_value():
    """`core/value.py` says why."""
    assert [named(path) for path in SOURCES if "\n@dataclass(frozen=True" in path.read_text()] == []


def test_annotations_are_text_wherever_values_are_defined():
    defining = [path for path in SOURCES if "verifier.core.value import" in path.read_text()]
    assert len(defining) > 50
    assert [named(path) for path in defining if "from __future__ import annotations" not in path.read_text()] == []


def test_every_module_says_what_it_is_for():
    silent = [named(path) for path in SOURCES if path.name != "__init__.py" and not ast.get_docstring(tree(path))]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing():
    assert [named(path) for path in SOURCES if path.stem in VAGUE] == []


PROGRAMS = {
    PACKAGE / "audit" / "online" / "child.py",
    PACKAGE / "rego" / "worker.py",
    PACKAGE / "rego" / "children" / "confined.py",
    PACKAGE / "secrets" / "worker.py",
}
"""Run in processes of their own, answer on standard output and take arguments."""


def of_the_command(path: Path) -> bool:
    return "cli" in path.relative_to(PACKAGE).parts


@pytest.mark.parametrize(
    "forbidden",
    ["print", "input", "sys.exit", "os._exit", "exit", "quit", "os.getenv", "getpass", "sys.stdout.write"],
)
def test_only_the_command_prints_exits_and_asks(forbidden):
    library = [path for path in SOURCES if not of_the_command(path) and path not in PROGRAMS]
    assert [named(path) for path in library if forbidden in called(path)] == []


@pytest.mark.parametrize("forbidden", ["os.environ", "sys.argv", "sys.stdout", "sys.stderr"])
def test_only_the_command_sees_the_environment(forbidden):
    library = [path for path in SOURCES if not of_the_command(path) and path not in PROGRAMS]
    assert [named(path) for path in library if forbidden in attributes(path)] == []


def test_only_the_facade_and_the_command_read_the_clock():
    clocks = {"datetime.now", "time.time", "datetime.utcnow", "datetime.today", "date.today"}
    readers = {named(path) for path in SOURCES if called(path) & clocks and not of_the_command(path)}
    assert readers == {"verifier/engine/facade.py"}


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes whatever comes and raises nothing in its stead."""
    broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    return broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_no_exception_is_swallowed_whole_but_at_the_very_top():
    handlers = [(named(path), node) for path in SOURCES for node in ast.walk(tree(path))]
    swallowing = [name for name, node in handlers if isinstance(node, ast.ExceptHandler) and swallows(node)]
    assert swallowing == ["verifier/cli/main.py"]


def test_no_test_has_a_deadline_of_its_own():
    """`tests/conftest.py` says why none has one."""
    profile = ROOT / "tests" / "conftest.py"
    deadlines = [
        named(path)
        for path in TESTS
        if path != profile
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "deadline"
    ]
    assert deadlines == []


WAITS = {"wait", "join", "result", "get", "acquire", "communicate", "run", "run_child", "wait_for", "poll", "urlopen"}
A_WHILE_S = 60
NOT_WAITED_FOR = {
    "tests/faults/test_bad_upstreams.py",
    "tests/loading/test_loader.py",
    "tests/net/test_http.py",
    "tests/net/registry/test_streams.py",
    "tests/net/test_proxies.py",
}
"""How slowly a server doles out bytes; and what comes only where something is wrong, and is gone on without."""


def hasty(call: ast.Call) -> bool:
    """Whether a call waits for a written-out time that a busy machine may need more than."""
    if ast.unparse(call.func).rpartition(".")[2] not in WAITS:
        return False
    given = [each.value for each in call.keywords if each.arg in {"timeout", "timeout_s"}]
    bounds = given or (call.args if len(call.args) == 1 and isinstance(call.func, ast.Attribute) else [])
    numbers = [each.value for each in bounds if isinstance(each, ast.Constant) and type(each.value) in {int, float}]
    return any(0 < number < A_WHILE_S for number in numbers)


def test_what_must_happen_is_waited_for_with_patience():
    found = {named(path) for path in TESTS for call in calls(path) if hasty(call)}
    assert found == NOT_WAITED_FOR


@pytest.mark.parametrize("text", ["ready.wait(10)", "future.result(timeout=3)", "run_child(command, timeout_s=20)"])
def test_a_hasty_wait_would_be_found(text):
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert hasty(call)


def test_no_test_sleeps():
    assert [named(path) for path in TESTS if {"time.sleep", "sleep"} & called(path)] == []


NAMED = re.compile(r"`([a-z]+(?:\.[a-z_]+)+)(?:\.[A-Z]\w*)?(?:\(\))?`")
FILES = {"json", "txt", "py", "md", "toml", "db"}


def test_a_module_that_is_named_in_words_is_there():
    """Reason codes are written alike; what a module defines may be named behind it."""
    modules = {module(path).removeprefix("verifier.") for path in SOURCES}
    rooms = {name.partition(".")[0] for name in modules} | {"artifacts", "runtime"}
    named_in_words = {
        (named(path), name)
        for path in SOURCES
        for name in (each.removeprefix("verifier.") for each in NAMED.findall(path.read_text()))
        if "." in name and name.partition(".")[0] in rooms and name.rpartition(".")[2] not in FILES
        if name not in CATALOGUE
    }
    assert len(named_in_words) > 30
    lost = {(path, name) for path, name in named_in_words if not {name, name.rpartition(".")[0]} & modules}
    assert lost == set()
