"""A new configuration: in whole or not at all, and nothing good is lost on the way."""

import queue
import threading
from datetime import timedelta

import pytest

from tests.support.gateway.scene import NEW, OLD, release
from tests.support.material import public_pem
from tests.support.patience import PATIENCE_S
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace
from verifier.gateway.bundles.intake import Intake
from verifier.gateway.server import GatewayServer
from verifier.gateway.serving import Serving, prepare
from verifier.gateway.settings.settings import ListenOn
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import create_ledger

RARELY = timedelta(days=1)


@pytest.fixture
def gateway(scene):
    """Serves OLD, and asks its upstream once a day."""
    scene.publish(OLD)
    with scene.running(scene.bundle(poll=RARELY)) as gateway:
        scene.saw("bundle.served")
        yield gateway


def test_a_policy_that_does_not_trust_the_signer_any_more_withholds_what_was_good(scene, gateway):
    (scene.folder / "p256.pub").write_bytes(public_pem("p256-2"))
    assert scene.reload(gateway).name == "gateway.reloaded"
    assert gateway.ask().status == 503


def test_the_same_configuration_serves_on_without_asking_upstream(scene, gateway):
    (scene.folder / "authz.tar.gz").unlink()
    assert scene.reload(gateway).name == "gateway.reloaded"
    assert gateway.ask().body == OLD


def test_the_same_configuration_records_nothing_new_of_what_it_serves(scene, gateway):
    before = len(scene.history())
    scene.reload(gateway)
    assert gateway.ask().body == OLD
    assert [event.kind for event in scene.history()[before:]] in ([], [EventKind.ACCEPTED])


def test_the_version_that_was_reached_still_counts(scene, gateway):
    scene.reload(gateway, bundles=(scene.bundle(poll=timedelta(milliseconds=20)),))
    scene.publish(NEW)
    scene.saw("bundle.served", version="1.1.0")
    scene.reload(gateway)
    scene.publish(OLD)
    scene.saw("bundle.refused", version="1.0.0")
    assert gateway.ask().body == NEW


def test_what_is_accepted_while_another_takes_over_is_taken_over_too(scene, monkeypatch):
    scene.publish(OLD)
    adopt = Intake.adopt

    def adopt_while_something_newer_comes(intake, delivery, correlation_id):
        if delivery.content == OLD:
            scene.publish(NEW)
            scene.saw("bundle.served", version="1.1.0")
            scene.publish(b"nothing that anybody would accept")
        return adopt(intake, delivery, correlation_id)

    with scene.running(scene.bundle(poll=timedelta(milliseconds=20))) as gateway:
        scene.saw("bundle.served")
        monkeypatch.setattr(Intake, "adopt", adopt_while_something_newer_comes)
        assert scene.reload(gateway).name == "gateway.reloaded"
        assert gateway.ask().body == NEW


@pytest.mark.parametrize(
    "policy", [None, b"version = 2", b"version = 1\nid = ", b"\xff"], ids=["missing", "other", "cut", "noise"]
)
def test_a_policy_that_cannot_be_read_changes_nothing(scene, gateway, policy):
    (scene.folder / "trust.toml").unlink()
    if policy is not None:
        (scene.folder / "trust.toml").write_bytes(policy)
    refused = scene.reload(gateway)
    assert (refused.name, "trust.toml" in refused.facts["message"]) == ("gateway.reload-refused", True)
    assert gateway.ask().body == OLD


def test_a_configuration_that_cannot_be_read_changes_nothing(scene, gateway, monkeypatch):
    def broken():
        raise ConfigurationError("unknown key", where="gateway.toml:3")

    monkeypatch.setattr(gateway.server, "_load", broken)
    refused = scene.reload(gateway)
    assert (refused.name, refused.facts["message"]) == ("gateway.reload-refused", "gateway.toml:3: unknown key")
    assert gateway.ask().body == OLD
    assert scene.metric("verifier_gateway_reloads_total", outcome="refused") == 1


@pytest.mark.parametrize(
    "change", [{"listen": ListenOn(host="127.0.0.1", port=9)}, {"connections": 7}, {"stated_per_address": 7}]
)
def test_what_only_a_restart_can_change_is_refused(scene, gateway, change):
    refused = scene.reload(gateway, **change)
    assert (refused.name, "restart" in refused.facts["message"]) == ("gateway.reload-refused", True)


def test_another_ledger_is_asked_from_then_on(scene, gateway):
    other = scene.folder / "other.db"
    create_ledger(other)
    scene.ledger = other
    assert scene.reload(gateway, ledger=f"sqlite://{other}").name == "gateway.reloaded"
    assert gateway.ask().body == OLD
    assert [event.kind for event in scene.history()] == [EventKind.ACCEPTED]


@pytest.mark.parametrize(
    "ledger", ["sqlite://{folder}/nowhere.db", "sqlite://{folder}/p256.pub", "sqlite:", "mysql://h/x"]
)
def test_a_ledger_that_was_mistyped_changes_nothing(scene, gateway, ledger):
    refused = scene.reload(gateway, ledger=ledger.format(folder=scene.folder))
    assert (refused.name, refused.facts["message"].startswith("ledger: ")) == ("gateway.reload-refused", True)
    assert "hint" in refused.facts
    assert gateway.ask().body == OLD


def test_the_ledger_of_before_may_be_about_to_come_back(scene, gateway):
    lost = scene.folder / "lost.db"
    scene.ledger.rename(lost)
    assert scene.reload(gateway).name == "gateway.reloaded"
    assert "ledger.unavailable" in gateway.ask().codes
    lost.rename(scene.ledger)
    scene.saw("gateway.ledger-reopened")
    assert gateway.ask().body == OLD


def test_bundles_come_and_go(scene, gateway):
    scene.publish(NEW, "other")
    both = (scene.bundle(poll=RARELY), scene.bundle("other"))
    scene.reload(gateway, bundles=both)
    scene.saw("bundle.served", bundle="other")
    assert (gateway.ask().body, gateway.ask("/bundles/other").body) == (OLD, NEW)
    scene.reload(gateway, bundles=both[1:])
    assert (gateway.ask().status, gateway.ask("/bundles/other").body) == (404, NEW)


def test_a_bundle_may_move_to_another_upstream_and_path(scene, gateway):
    scene.publish(release("1.2.0"), "elsewhere")
    moved = replace(scene.bundle(), upstream=str(scene.folder / "elsewhere.tar.gz"), path="/authz")
    scene.reload(gateway, bundles=(moved,))
    scene.saw("bundle.served", version="1.2.0")
    assert (gateway.ask().status, gateway.ask("/authz").status) == (404, 200)


def test_what_was_accepted_survives_a_restart_in_a_cache(scene):
    scene.publish(OLD)
    cache = scene.folder / "cache"
    with scene.running(cache=cache):
        scene.saw("bundle.served")
    (scene.folder / "authz.tar.gz").unlink()
    with scene.running(cache=cache) as gateway:
        assert gateway.ask().body == OLD
        scene.quarantine(OLD)
        assert gateway.ask().status == 503


def test_without_a_cache_nothing_is_served_before_it_is_fetched_again(scene):
    scene.publish(OLD)
    with scene.running():
        scene.saw("bundle.served")
    (scene.folder / "authz.tar.gz").unlink()
    with scene.running() as gateway:
        assert gateway.ask().codes[0] == "delivery.nothing-accepted"


def test_an_address_in_use_is_said_at_the_start(scene, gateway):
    taken = replace(scene.configured(), listen=gateway.server.address)
    with pytest.raises(ConfigurationError, match="cannot be used: Address already in use"):
        GatewayServer(taken, scene.around(), load=lambda: taken)


def test_a_ledger_that_is_opened_anew_is_closed_where_the_gateway_ends_meanwhile(scene, monkeypatch):
    opened, closed = queue.Queue(), []
    ending, close = threading.Event(), Serving.close

    async def closing(serving):
        closed.append(serving)
        await close(serving)

    def prepare_until_it_ends(*given, **named):
        serving = prepare(*given, **named)
        opened.put(serving)
        assert ending.wait(PATIENCE_S)
        return serving

    monkeypatch.setattr("verifier.gateway.server.REOPEN_S", 0.01)
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.served")
        monkeypatch.setattr(Serving, "close", closing)
        monkeypatch.setattr("verifier.gateway.server.prepare", prepare_until_it_ends)
        monkeypatch.setattr(Serving, "ledger_is_lost", lambda _: True)
        another = opened.get(timeout=PATIENCE_S)
        gateway.server.stop()
        scene.saw("gateway.stopping")
        ending.set()
    assert another in closed


def refuse(scene, gateway):
    """A reload of a configuration whose policy cannot be read."""
    (scene.folder / "trust.toml").write_text("version = 2\n")
    assert scene.reload(gateway).name == "gateway.reload-refused"


class TestARefusedReload:
    def test_is_in_the_status_on_the_page_and_in_strict_readiness(self, scene, gateway):
        refuse(scene, gateway)
        refused = gateway.ask("/status").json["refusedReload"]
        assert (refused["times"], "version" in refused["message"]) == (1, True)
        assert "Reload refused" in gateway.ask("/").body.decode()
        assert gateway.ask("/readyz").status == 200
        strictly = gateway.ask("/readyz?strict")
        assert (strictly.status, strictly.json["reloadRefused"]) == (503, True)

    def test_is_counted_where_it_is_refused_again(self, scene, gateway):
        refuse(scene, gateway)
        refuse(scene, gateway)
        assert gateway.ask("/status").json["refusedReload"]["times"] == 2

    def test_is_over_once_a_reload_is_not_refused(self, scene, gateway):
        before = (scene.folder / "trust.toml").read_text()
        refuse(scene, gateway)
        (scene.folder / "trust.toml").write_text(before)
        assert scene.reload(gateway).name == "gateway.reloaded"
        assert gateway.ask("/status").json["refusedReload"] is None
        assert gateway.ask("/readyz?strict").status == 200
