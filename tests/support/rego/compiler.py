"""Whether the extra "rego" is installed: without it, the tests that need it are skipped, and fail in CI."""

import os
from importlib.util import find_spec

import pytest

DENIED_BY_IT = {"capability.denied", "organisation.denied", "bundle.rego-invalid", "bundle.data-conflict"}
"""The codes of attacks that are denied as they should be only by a compiler; without one they are undecided."""


def installed():
    try:
        return find_spec("regopy") is not None
    except ImportError:  # something keeps it away
        return False


def require():
    """For a test, or at the head of a module that could not even be imported."""
    if installed():
        return
    reason = 'the extra "rego" is not installed: docs/installing.md'
    if os.environ.get("CI") == "true":
        pytest.fail(f"required in CI: {reason}")
    pytest.skip(reason, allow_module_level=True)


def needed_by(item):
    """Whether a test is marked so, or is about an attack that a compiler finds."""
    attack = getattr(item, "callspec", None) and item.callspec.params.get("attack")
    return item.get_closest_marker("rego") is not None or not DENIED_BY_IT.isdisjoint(getattr(attack, "codes", ()))
