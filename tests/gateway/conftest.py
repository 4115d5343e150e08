"""Every test has a scene of its own."""

import pytest

from tests.support.gateway.scene import Scene


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)
