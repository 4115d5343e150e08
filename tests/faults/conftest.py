"""Every test has a scene of its own."""

import pytest

from tests.support.gateway.scene import Scene
from tests.support.loading import small_disk

disk = small_disk.disk


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)
