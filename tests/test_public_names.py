"""The names of `import verifier`: whatever a public call takes can be had from there, and types go with them."""

import ast
import inspect
from importlib import import_module
from importlib.resources import files

import pytest

import verifier
from verifier.core.version import VERSION

CALLED = [name for name in verifier.__all__ if inspect.isfunction(getattr(verifier, name))]
MADE = [
    "Access",
    "AgentLoader",
    "AsyncLoader",
    "CacheBounds",
    "Document",
    "ImageWish",
    "Loader",
    "Request",
    "VerdictRequest",
]


def imported(module):
    """Where the names come from that a module imports, also for types alone."""
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def ours_in(annotations, module):
    """The names in annotations that this package defines."""
    sources = imported(module)
    names = {
        node.id for text in annotations for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)
    }
    defined = {name for name in names if getattr(vars(module).get(name), "__module__", "") == module.__name__}
    return defined | {name for name in names if sources.get(name, "").startswith("verifier")}


def taken_by(call):
    call = inspect.unwrap(call)
    signature = inspect.signature(call)
    annotations = [each.annotation for each in signature.parameters.values() if isinstance(each.annotation, str)]
    return ours_in([*annotations, signature.return_annotation], import_module(call.__module__))


@pytest.mark.parametrize("name", CALLED)
def test_what_a_call_takes_and_gives_can_be_had(name):
    assert taken_by(getattr(verifier, name)) <= set(verifier.__all__)


@pytest.mark.parametrize("name", MADE)
def test_what_something_is_made_of_can_be_had(name):
    kind = getattr(verifier, name)
    own = vars(kind).get("__init__")
    stated = [text for text in inspect.get_annotations(kind).values() if isinstance(text, str)]
    found = ours_in(stated, import_module(kind.__module__)) if own is None else taken_by(own)
    assert found <= set(verifier.__all__)


@pytest.mark.parametrize("name", ["load", "require", "standing"])
def test_what_a_loader_is_asked_with_can_be_had(name):
    assert taken_by(getattr(verifier.Loader, name)) <= set(verifier.__all__)


@pytest.mark.parametrize("name", ["load", "require"])
def test_what_a_loader_that_asks_an_agent_is_asked_with_can_be_had(name):
    assert taken_by(getattr(verifier.AgentLoader, name)) <= set(verifier.__all__)


def test_the_version_is_that_of_the_distribution():
    assert verifier.__version__ == VERSION


def test_type_checkers_are_told_that_there_are_types():
    assert files("verifier").joinpath("py.typed").is_file()
