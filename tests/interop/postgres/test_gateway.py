"""Gateways over a real PostgreSQL that is stopped, killed or held: a refusal or a bounded grace, and no restart."""

import contextlib

import pytest

from tests.support.gateway.scene import NEW, OLD, Scene, release
from tests.support.ledgers.invariants import require_invariants
from tests.support.peers.postgres_server import ledger_database, postgres_server
from tests.support.stories import MODULE, archive, signed
from verifier.core.digest import Digest
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import open_ledger_url
from verifier.ledger.postgres import store as postgres
from verifier.ledger.postgres.connection import Waits

pytestmark = pytest.mark.interop
GRACE = 'offline_grace = "1h"'
NEWEST, TWIN = release("1.2.0"), signed(archive("1.1.0", module=MODULE + b"# another\n"))


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


@pytest.fixture(scope="module")
def server():
    """One of our own: it is killed."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def url(server, monkeypatch):
    brief = Waits(connect=2, lock=0.3, statement=1.0, answer=1.5)
    monkeypatch.setitem(postgres.open_ledger.__kwdefaults__, "waits", brief)
    monkeypatch.setattr("verifier.gateway.server.REOPEN_S", 0.05)
    return server.url("authz_loader", ledger_database(server))


@contextlib.contextmanager
def serving(scene, url, rule=""):
    """A gateway that serves OLD."""
    scene.trust(rule)
    scene.publish(OLD)
    with scene.running(ledger=url) as gateway:
        scene.saw("bundle.served", version="1.0.0")
        yield gateway


@contextlib.contextmanager
def stopped(server):
    server.stop()
    try:
        yield
    finally:
        server.start()


def require_sound(url, *versions):
    with open_ledger_url(url) as ledger:
        require_invariants(ledger, told=[("bundle:authz", version) for version in versions])
        return list(history(ledger))


def warned(gateway):
    return [reason["code"] for reason in gateway.status()["reasons"] if reason["severity"] == "warning"]


def test_without_a_grace_nothing_is_served_until_the_server_is_back(scene, server, url):
    with serving(scene, url) as gateway:
        with stopped(server):
            assert gateway.ask().codes == ["ledger.unavailable"]
            scene.publish(NEW)
            assert "ledger.unavailable" in scene.saw("bundle.refused", version="1.1.0").facts["codes"]
            assert gateway.ask("/readyz").status == 503
        scene.saw("bundle.served", version="1.1.0")
        assert gateway.ask().body == NEW
    require_sound(url, "1.0.0", "1.1.0")


def test_with_a_grace_what_stands_is_served_with_a_warning_and_nothing_newer_is_accepted(scene, server, url):
    with serving(scene, url, GRACE) as gateway:
        with stopped(server):
            assert gateway.ask().body == OLD
            assert {"ledger.offline-grace", "ledger.unavailable"} <= set(warned(gateway))
            scene.publish(NEW)
            assert "ledger.unavailable" in scene.saw("bundle.refused", version="1.1.0").facts["codes"]
            assert gateway.ask().body == OLD
        scene.saw("bundle.served", version="1.1.0")
        gateway.until(lambda: (gateway.ask().body, warned(gateway)) == (NEW, []))
    require_sound(url, "1.0.0", "1.1.0")


def test_a_grace_ends(scene, server, url):
    with serving(scene, url, GRACE) as gateway:
        with stopped(server):
            scene.clock.pass_by(minutes=59)
            assert gateway.ask().body == OLD
            scene.clock.pass_by(minutes=2)
            assert gateway.ask().codes[0] == "ledger.unavailable"
        gateway.until(lambda: gateway.ask().status == 200)
        assert gateway.ask().body == OLD


def test_a_grace_lets_nothing_older_in(scene, server, url):
    with serving(scene, url, GRACE) as gateway:
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
        with stopped(server):
            scene.publish(OLD)
            assert scene.saw("bundle.refused", version="1.0.0").facts["codes"] == ["ledger.unavailable"]
            assert gateway.ask().body == NEW
        scene.saw("bundle.refused", version="1.0.0", codes=["version.rollback"])
        assert gateway.ask().body == NEW


def test_a_server_that_was_killed_is_asked_again_by_the_same_gateway(scene, server, url):
    with serving(scene, url) as gateway:
        server.kill()
        assert gateway.ask().codes == ["ledger.unavailable"]
        server.start()
        gateway.until(lambda: gateway.ask().status == 200)
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
    require_sound(url, "1.0.0", "1.1.0")


@pytest.mark.parametrize("rule", ["", GRACE], ids=["without-grace", "with-grace"])
def test_a_server_that_is_busy_is_no_server_that_is_gone(scene, server, url, rule):
    with serving(scene, url, rule) as gateway:
        with server.connect("verifier_owner", url.rpartition("/")[2]) as other, other.transaction():
            other.execute("LOCK TABLE verifier_ledger.store IN ACCESS EXCLUSIVE MODE")
            assert gateway.ask().codes == ["ledger.locked"]
        gateway.until(lambda: gateway.ask().status == 200)
        assert gateway.ask().body == OLD


def test_of_two_views_of_one_version_one_is_let_in(tmp_path, url):
    """Two nodes, one database, two contents: the other node refuses, says so, and the history has both."""
    nodes = []
    for name, content in (("one", NEW), ("other", TWIN)):
        (tmp_path / name).mkdir()
        nodes.append(Scene(tmp_path / name))
        nodes[-1].publish(content)
    with nodes[0].running(ledger=url) as one, nodes[1].running(ledger=url) as other:
        one.until(lambda: one.status()["refusing"] or other.status()["refusing"])
        one.until(lambda: {one.ask().status, other.ask().status} == {200, 503})
        winner, loser, refused = (NEW, TWIN, other) if one.ask().status == 200 else (TWIN, NEW, one)
        assert "version.equivocation" in refused.ask().codes
        assert refused.status()["lastRefusal"]["digest"]["sha256"] == Digest.of(loser).value
        for node in nodes:
            node.publish(NEWEST)
        for each in (one, other):
            each.until(lambda each=each: each.ask().body == NEWEST)
    events = require_sound(url, "1.1.0", "1.2.0")
    twins = [(event.kind, event.digest) for event in events if event.version == "1.1.0"]
    assert (EventKind.ACCEPTED, Digest.of(winner)) in twins
    assert (EventKind.DENIED, Digest.of(loser)) in twins
    assert (EventKind.ACCEPTED, Digest.of(loser)) not in twins
