"""Rules are compiled once for all tests."""

import pytest


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """A folder of compiled rules."""
    folder = tmp_path_factory.mktemp("compiled", numbered=True)
    folder.chmod(0o700)
    return folder
