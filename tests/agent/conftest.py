import tempfile
from pathlib import Path

import pytest

from tests.support.loading.agents import prepare, publish
from tests.support.loading.asking import Started


@pytest.fixture
def place():
    """A folder with a policy, its keys, a ledger, and one release with its verdict.

    The name of a socket has at most 107 bytes: what pytest calls its folders is longer in places.
    """
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        prepare(Path(folder))
        publish(Path(folder), "1.0.0")
        yield Path(folder)


@pytest.fixture
def path():
    """Where a socket may be."""
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        yield Path(folder) / "agent.sock"


@pytest.fixture
def running(place):
    """`verify agent` in a process of its own, which listens in the place."""
    started = Started(place, "--socket", "agent.sock")
    started.saw("agent.started")
    yield started
    started.end()
