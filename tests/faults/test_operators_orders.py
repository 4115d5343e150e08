"""What an operator orders while a real `verify serve` runs binds at the next request, and for who waits already."""

from __future__ import annotations

import json
import signal
import threading
import urllib.error
import urllib.request

import pytest

from tests.support.command import run
from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.loading.forking import ForkServer
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from verifier.core.digest import Digest

CONFIGURATION = """\
version = 1
listen = "127.0.0.1:0"
policy = "trust.toml"
ledger = "sqlite://{folder}/ledger.db"
[bundles.authz]
upstream = "authz.tar.gz"
"""


@pytest.fixture(scope="module")
def server():
    started = ForkServer()
    yield started
    started.close()


class Running:
    """A process that serves, and its clients."""

    def __init__(self, scene, server):
        self.folder = scene.folder
        (scene.folder / "gateway.toml").write_text(CONFIGURATION.format(folder=scene.folder))
        self.process = server.start(scene.folder / "gateway.toml")
        self.address = self.process.saw("gateway.started")["listen"]
        assert self.process.saw("bundle.served") is not None

    def ask(self, path="/bundles/authz", **headers):
        """The status of the answer, with its body or the codes of a refusal."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://{self.address}{path}", headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read()
            codes = [reason["code"] for reason in json.loads(text).get("reasons", ())]
            return refused.code, codes

    def hold(self, answers):
        """A long poll by who has OLD; its answer is appended."""
        wait = {"If_None_Match": etag_of(OLD), "Prefer": f"wait={FOR_EVER_S}"}
        waiting = threading.Thread(target=lambda: answers.append(self.ask(**wait)))
        waiting.start()
        while json.loads(self.ask("/status")[1])["bundles"][0]["heldPolls"] == 0:
            assert waiting.is_alive()
        return waiting

    def order(self, *words):
        answer = run("ledger", *words, "--yes", "--reason", "a test", "--ledger", f"sqlite://{self.folder}/ledger.db")
        assert answer.status == 0, answer.err

    def hang_up(self):
        """Have everything read anew."""
        self.process.send(signal.SIGHUP)
        assert self.process.saw("gateway.reloaded") is not None


@pytest.fixture
def gateway(scene, server):
    """Serves OLD."""
    scene.publish(OLD)
    gateway = Running(scene, server)
    yield gateway
    assert gateway.process.end(signal.SIGTERM) == 0


ORDERS = {
    "floor": (("floor", "bundle:authz", "1.0.5"), "version.below-floor"),
    "quarantined digest": (("quarantine", "bundle:authz", "--digest", str(Digest.of(OLD))), "version.quarantined"),
    "quarantined versions": (("quarantine", "bundle:authz", "--to", "1.0.0"), "version.quarantined"),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_binds_at_the_next_request(gateway, name):
    words, code = ORDERS[name]
    assert gateway.ask() == (200, OLD)
    gateway.order(*words)
    assert gateway.ask() == (503, [code])
    assert gateway.ask(If_None_Match=etag_of(OLD)) == (503, [code])
    assert gateway.ask("/readyz")[0] == 503


def test_an_order_binds_for_who_waits_already(gateway):
    """Nothing new ends this wait; that it is over is said here by the gateway's stop."""
    answers = []
    waiting = gateway.hold(answers)
    gateway.order(*ORDERS["floor"][0])
    gateway.process.send(signal.SIGTERM)
    waiting.join(PATIENCE_S)
    assert answers == [(503, ["version.below-floor"])]


def test_what_is_newer_than_the_order_is_served_again(scene, gateway):
    gateway.order(*ORDERS["floor"][0])
    assert gateway.ask()[0] == 503
    scene.publish(NEW)
    assert gateway.process.saw("bundle.served", version="1.1.0") is not None
    assert gateway.ask() == (200, NEW)


def test_a_signer_that_is_revoked_is_believed_no_more_from_the_reload_on(scene, gateway):
    policy = scene.folder / "trust.toml"
    policy.write_text(policy.read_text().replace('key = "p256.pub"', 'key = "p256.pub"\nrevoked = true'))
    answers = []
    waiting = gateway.hold(answers)
    gateway.hang_up()
    waiting.join(PATIENCE_S)
    for status, codes in (*answers, gateway.ask()):
        assert (status, "signer.revoked" in codes) == (503, True)
