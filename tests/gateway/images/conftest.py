"""Every test has a scene of its own, with one signed image in it."""

import pytest

from tests.support.gateway.images import ImageScene, signed


@pytest.fixture
def scene(tmp_path):
    return ImageScene(tmp_path)


@pytest.fixture
def place(scene):
    return scene.place()


@pytest.fixture
def digest(place):
    """Of the image that the tag leads to."""
    return signed(place)
