"""One repository with a pipeline, for every test here."""

import pytest

from tests.support.pipelines.scene import Repository, make_keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def repository(tmp_path, monkeypatch, keys):
    made = Repository(tmp_path, keys)
    monkeypatch.chdir(made.workspace)
    return made
