"""A fleet on one PostgreSQL ledger: nodes in network namespaces of their own, each with its line to the server."""

import os
import subprocess
import sys

import pytest

from tests.support import workplace
from tests.support.ledgers.invariants import require_invariants
from tests.support.ledgers.samples import SCOPE
from tests.support.peers.namespaces import network
from tests.support.peers.postgres_server import ledger_database, loader, postgres_server, release
from tests.support.places import ROOT
from tests.support.publishing.releases import VERIFY
from tests.support.publishing.releases import release as signed
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.postgres.store import open_ledger

pytestmark = pytest.mark.interop
PASSWORD = "correct horse"
place = workplace.place


@pytest.fixture(scope="module")
def fleet():
    """Three nodes."""
    with network(3) as made:
        yield made


@pytest.fixture(scope="module")
def server(fleet):
    """PostgreSQL, listening on its end of each line."""
    addresses = ",".join(node.server for node in fleet.nodes)
    with postgres_server(f"-c listen_addresses={addresses}", prefix=fleet.prefix) as running:
        running.allow("host all all 10.203.0.0/16 scram-sha-256")
        running.sql("postgres", f"ALTER ROLE authz_loader PASSWORD '{PASSWORD}'", "SELECT pg_reload_conf()")
        yield running


@pytest.fixture
def database(server):
    return ledger_database(server)


@pytest.fixture
def ledger(server, database):
    """As an auditor sees it, on the server's own machine."""
    with open_ledger(server.url("authz_auditor", database)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def password(monkeypatch):
    """Every node has it as libpq finds it."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def url(node, database):
    return f"postgresql://authz_loader@{node.server}/{database}?connect_timeout=2"


def loads(node, database, bundle):
    """A process on `node` that verifies and records `bundle`."""
    words = ["bundle", str(bundle), *VERIFY, "--record", "--ledger", url(node, database), "--format", "json"]
    command = [*node.prefix, sys.executable, "-m", "verifier", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def answers(database):
    """Runs `loads` on several nodes at once; their exit statuses, and what they printed."""

    def answers(*asked):
        processes = [loads(node, database, bundle) for node, bundle in asked]
        told = [process.communicate(timeout=120) for process in processes]
        assert not [1 for pair in told for text in pair if PASSWORD in text or "Traceback" in text]
        return [process.returncode for process in processes], [out for out, _ in told]

    return answers


@pytest.mark.usefixtures("place")
def test_one_version_with_two_contents_is_accepted_on_one_node_and_refused_on_the_other(
    fleet, ledger, answers, tmp_path
):
    bundles = [signed("2.0.0", out="ours.tar.gz")]
    (tmp_path / "src" / "authz" / "policy.rego").write_text("package authz\nallow := true\n")
    bundles.append(signed("2.0.0", out="theirs.tar.gz"))
    statuses, told = answers(*zip(fleet.nodes, bundles, strict=False))
    assert sorted(statuses) == [0, 1]
    assert ["version.equivocation" in out for out in told] == [bool(status) for status in statuses]
    assert sorted(event.kind for event in history(ledger)) == [EventKind.ACCEPTED, EventKind.DENIED]
    require_invariants(ledger, told=[(SCOPE, "2.0.0")])


@pytest.mark.usefixtures("place")
def test_a_downgrade_that_one_node_accepted_past_is_refused_on_every_node(fleet, ledger, answers):
    older, newer = signed("1.0.0", out="older.tar.gz"), signed("1.1.0", out="newer.tar.gz")
    assert answers((fleet.nodes[0], newer))[0] == [0]
    statuses, told = answers(*((node, older) for node in fleet.nodes))
    assert statuses == [1, 1, 1]
    assert all("version.rollback" in out for out in told)
    require_invariants(ledger)


@pytest.mark.usefixtures("place")
def test_a_node_without_its_line_is_denied_until_it_is_mended(fleet, ledger, answers):
    node, bundle = fleet.nodes[1], signed("1.0.0")
    node.cut()
    try:
        statuses, (told,) = answers((node, bundle))
    finally:
        node.mend()
    assert statuses == [3]
    assert "ledger.unavailable" in told
    assert answers((node, bundle))[0] == [0]
    require_invariants(ledger, told=[(SCOPE, "1.0.0")])


def test_loaders_on_all_nodes_agree_on_one_order(fleet, database, ledger):
    each, tries = 4, 20
    step = each * len(fleet.nodes)
    places = [(number, node) for number, node in enumerate(node for node in fleet.nodes for _ in range(each))]
    processes = [loader(url(node, database), number + 1, step, tries, prefix=node.prefix) for number, node in places]
    release(processes)
    told = [version for process in processes for version in process.communicate(timeout=120)[0].split()]
    assert [process.returncode for process in processes] == [0] * step
    require_invariants(ledger, told=[(SCOPE, version) for version in told])
    assert max(map(int, told)) == step * tries
