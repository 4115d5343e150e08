import pytest

from tests.support.loading.agents import prepare, publish


@pytest.fixture
def place(tmp_path):
    """A folder with a policy, its keys, a ledger, and one release with its verdict."""
    prepare(tmp_path)
    publish(tmp_path, "1.0.0")
    return tmp_path
