"""A disk that is full under a gateway: what stands is served, nothing is half-written, and more room mends it."""

from tests.support.gateway.scene import NEW, OLD, release
from tests.support.ledgers.invariants import require_invariants
from tests.support.loading.small_disk import fill, unfinished
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.cache.store import Cache

NEWEST = release("1.2.0")


def test_under_the_ledger_nothing_newer_is_accepted_and_what_stands_is_served(scene, disk):
    scene.ledger = disk / "ledger.db"
    create_ledger(scene.ledger)
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served", version="1.0.0")
        ballast = fill(disk)
        scene.publish(NEW)
        refused = scene.saw("bundle.refused")
        assert (refused.facts["codes"], refused.facts["version"]) == (["ledger.unavailable"], "1.1.0")
        assert "full" in refused.facts["message"]
        for _ in range(3):
            assert gateway.ask().body == OLD
        assert gateway.status()["lastRefusal"]["reasons"][0]["code"] == "ledger.unavailable"
        ballast.unlink()
        scene.saw("bundle.served", version="1.1.0")
        assert gateway.ask().body == NEW
    with open_ledger(scene.ledger) as ledger:
        require_invariants(ledger, told=[("bundle:authz", "1.0.0"), ("bundle:authz", "1.1.0")])


def test_under_the_ledger_an_older_release_is_refused_all_the_same(scene, disk):
    scene.ledger = disk / "ledger.db"
    create_ledger(scene.ledger)
    scene.publish(NEW)
    with scene.running() as gateway:
        scene.saw("bundle.served", version="1.1.0")
        fill(disk)
        scene.publish(OLD)
        assert "version.rollback" in scene.saw("bundle.refused").facts["codes"]
        assert gateway.ask().body == NEW


def test_under_the_cache_what_is_newer_is_served_and_said_to_be_kept_nowhere(scene, disk):
    cache = disk / "cache"
    scene.publish(OLD)
    with scene.running(cache=cache) as gateway:
        scene.saw("bundle.served", version="1.0.0")
        ballast = fill(disk)
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
        assert gateway.ask().body == NEW
        assert "cache.unavailable" in {reason["code"] for reason in gateway.status()["reasons"]}
        assert unfinished(cache) == []
        assert Cache(cache).good("bundle:authz")[1] == OLD
        ballast.unlink()
        scene.publish(NEWEST)
        scene.saw("bundle.served", version="1.2.0")
        gateway.until(lambda: not gateway.status()["reasons"])
    assert Cache(cache).good("bundle:authz")[1] == NEWEST


def test_what_the_cache_had_no_room_for_is_not_replaced_by_what_it_had(scene, disk):
    """After a restart without an upstream: the ledger knows of a newer release than the cache."""
    cache = disk / "cache"
    scene.publish(OLD)
    with scene.running(cache=cache):
        scene.saw("bundle.served", version="1.0.0")
        fill(disk)
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
    (scene.folder / "authz.tar.gz").unlink()
    with scene.running(cache=cache) as gateway:
        assert gateway.ask().codes == ["version.rollback", "cache.unavailable"]
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
