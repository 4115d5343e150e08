"""What several interop modules share: one PostgreSQL, and in it one database a test."""

import contextlib

import pytest


@pytest.fixture(scope="session")
def postgres():
    from tests.support.peers.postgres_server import postgres_server  # noqa: PLC0415  (others need no psycopg)

    with postgres_server() as running:
        yield running


@pytest.fixture
def database(postgres):
    """The name of a new database with an empty ledger."""
    from tests.support.peers.postgres_server import ledger_database  # noqa: PLC0415

    return ledger_database(postgres)


@pytest.fixture
def opened(postgres, database):
    """Opens the ledger of `database` as a role; all are closed afterwards."""
    from verifier.ledger.postgres.store import open_ledger  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        yield lambda role, **options: stack.enter_context(open_ledger(postgres.url(role, database), **options))


@pytest.fixture(scope="module", params=["registry", "registry-ggcr", "registry-ocimem"])
def any_registry(request, tmp_path_factory):
    """A registry, and the same test on all three: names below it are shared by the tests of one module."""
    from tests.support.peers.registries import running_registry  # noqa: PLC0415  (others need no registry)

    with running_registry(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running
