"""Every test has a scene of its own."""

import tempfile
from pathlib import Path

import pytest

from tests.support.gateway.scene import Scene
from tests.support.loading import small_disk

disk = small_disk.disk


@pytest.fixture
def short():
    """A folder with so short a name that a socket in it may have one."""
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        yield Path(folder)


other = short
"""Another one."""


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)
