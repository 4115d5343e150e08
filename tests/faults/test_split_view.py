"""An upstream that has two contents for one version, one for each node: a shared ledger lets one of them in."""

import threading

import pytest

from tests.support.gateway.scene import OLD, Scene, release
from tests.support.ledgers.invariants import require_invariants
from tests.support.loading.hostile import bundle_server, gives
from tests.support.patience import PATIENCE_S
from tests.support.stories import MODULE, archive, codes, signed
from verifier.core.digest import Digest
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import open_ledger
from verifier.loading.preload import preload
from verifier.trust.load import load_policy

ONE, OTHER = release("1.1.0"), signed(archive("1.1.0", module=MODULE + b"allow := true\n"))


@pytest.fixture
def scenes(tmp_path):
    """Two nodes with one ledger."""
    nodes = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        nodes.append(Scene(tmp_path / name))
    nodes[1].ledger = nodes[0].ledger
    return nodes


def require_seen(scene, refused, winner, loser):
    """The refusal of `loser`, in the status of the node that had it and in the history that both have."""
    state = refused.status()
    (reason,) = state["lastRefusal"]["reasons"]
    assert (reason["code"], state["refusing"]) == ("version.equivocation", True)
    assert state["lastRefusal"]["digest"]["sha256"] == Digest.of(loser).value
    assert all(Digest.of(each).value in reason["message"] for each in (winner, loser))
    with open_ledger(scene.ledger) as ledger:
        require_invariants(ledger, told=[("bundle:authz", "1.1.0")])
        events = list(history(ledger))
    accepted = {event.digest for event in events if event.kind is EventKind.ACCEPTED and event.version == "1.1.0"}
    assert accepted == {Digest.of(winner)}
    # What the node had before may be looked at, and denied, once more in between.
    denied = [event for event in events if event.kind is EventKind.DENIED and event.digest != Digest.of(OLD)]
    assert {(event.digest, event.reasons) for event in denied} == {(Digest.of(loser), ("version.equivocation",))}


def test_of_two_gateways_that_are_told_two_things_at_once_one_wins(scenes):
    both = threading.Barrier(2)

    def at_once(content):
        def reply(exchange):
            if "If-None-Match" not in exchange.headers and not both.broken:
                both.wait(PATIENCE_S)
            gives(content)(exchange)

        return reply

    with bundle_server(at_once(ONE)) as left, bundle_server(at_once(OTHER)) as right:
        first, second = (
            scene.running(scene.bundle(upstream=upstream.url))
            for scene, upstream in zip(scenes, (left, right), strict=True)
        )
        with first as one, second as other:
            one.until(lambda: one.status()["state"] != "empty" or one.status()["refusing"])
            both.abort()
            one.until(lambda: {one.ask().status, other.ask().status} == {200, 503})
            won = one.ask().status == 200
            winner, loser, refused = (ONE, OTHER, other) if won else (OTHER, ONE, one)
            assert (one if won else other).ask().body == winner
            refused.until(lambda: refused.status()["refusing"])  # until then it has accepted nothing
            assert "version.equivocation" in refused.ask().codes
            require_seen(scenes[0], refused, winner, loser)


def test_who_served_an_older_release_before_serves_neither_twin(scenes):
    """The ledger has moved on: what is older now is no refuge."""
    for scene in scenes:
        scene.publish(OLD)
    with scenes[0].running() as one, scenes[1].running() as other:
        for scene in scenes:
            scene.saw("bundle.served", version="1.0.0")
        scenes[0].publish(ONE)
        scenes[0].saw("bundle.served", version="1.1.0")
        scenes[1].publish(OTHER)
        scenes[1].saw("bundle.refused", codes=["version.equivocation"])
        assert (one.ask().body, other.ask().codes) == (ONE, ["version.rollback"])
        require_seen(scenes[0], other, ONE, OTHER)
        scenes[1].publish(ONE)
        scenes[1].saw("bundle.served", version="1.1.0")
        assert other.ask().body == ONE


def test_a_gateway_and_a_hook_see_the_two_views_of_their_upstream(scenes):
    scene = scenes[0]
    scene.publish(ONE)
    with scene.running() as gateway:
        scene.saw("bundle.served", version="1.1.0")
        with open_ledger(scene.ledger) as ledger:
            policy = load_policy(scene.folder / "trust.toml")
            loaded = preload(OTHER, policy, None, ledger, name="authz", now=scene.clock(), correlation_id="hook")
        assert (codes(loaded.verdict), loaded.verified) == (["version.equivocation"], None)
        assert gateway.ask().body == ONE
    last = scene.history()[-1]
    assert (last.kind, last.digest, last.correlation_id) == (EventKind.DENIED, Digest.of(OTHER), "hook")
