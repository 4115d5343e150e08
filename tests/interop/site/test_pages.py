"""The pages whose blocks need a real peer, run as they are written, with `verify` and that peer on PATH."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest

from tests.support.docs.pages import PEERS, blocks, end, named, run, running, stage
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.peers.registries import DISTRIBUTION, running_registry
from tools.demo_runtime import free_port

pytestmark = [pytest.mark.interop, pytest.mark.rego]
PROGRAMS = {"OPA": {"opa": "OPA"}, "a registry": {"crane": "CRANE"}, "PostgreSQL": {}}
"""By the peer: its programs, and the variable that names each in its place."""
SHOWN_PORTS = ("8282", "8181")
"""Ports of the gateway and of OPA on pages: each run has its own."""


@pytest.mark.parametrize("page", running(with_peers=True), ids=named)
def test_the_page_runs_as_it_stands(page, tmp_path, request):
    runs = [block for block in blocks(page) if block.runs]
    peers = frozenset().union(*(block.peers for block in runs))
    programs = {name: executable(name, variable) for peer in peers for name, variable in PROGRAMS[peer].items()}
    folder, environment = stage(tmp_path, programs)
    with ExitStack() as stack:
        if "a registry" in peers:
            (served := tmp_path / "served").mkdir()
            environment["registry"] = stack.enter_context(running_registry(DISTRIBUTION, served)).host
        if "PostgreSQL" in peers:
            environment["database"] = request.getfixturevalue("database_url")
        sessions: list[int] = []
        stack.callback(end, sessions)
        ports = {port: str(free_port()) for port in SHOWN_PORTS}
        for block in runs:
            text = re.sub("|".join(SHOWN_PORTS), lambda found: ports[found[0]], block.text)
            text = text.replace("registry=localhost:5000", f"registry={environment.get('registry')}")
            run(block._replace(text=text), folder, environment, seconds=PATIENCE_S, sessions=sessions)


@pytest.fixture
def database_url(postgres, database):
    """The URL of a new database with an empty ledger, as a loader."""
    return postgres.url("authz_loader", database)


def test_every_peer_is_known():
    assert set(PROGRAMS) == PEERS
