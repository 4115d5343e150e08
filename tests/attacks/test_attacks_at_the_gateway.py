"""Every attack in the catalogue is put on an upstream: the gateway refuses it by the same code and serves nothing."""

import http.client
import json
import queue
import threading
from contextlib import contextmanager

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import require_codes, stage
from tests.support.patience import PATIENCE_S
from verifier.core.digest import Digest
from verifier.gateway.metrics import Metrics
from verifier.gateway.server import GatewayServer
from verifier.gateway.serving import Surroundings
from verifier.gateway.settings.settings import BundleSettings, GatewaySettings, ListenOn
from verifier.sources.upstream import Access

ATTACKS = catalogue()
# A gateway takes a verdict's greatest age from the policy's rule, as the hook does.
SHOWN = [attack for attack in ATTACKS if not attack.max_age]
TOLD = {"bundle.refused", "bundle.unreached", "bundle.accepted"}


@pytest.fixture(scope="module")
def stopping():
    """Gateways that were told to stop, and are waited for at the end."""
    threads = []
    yield threads
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@contextmanager
def gateway(scene, stopping):
    """A real one, with the attack as its upstream; its address, and what it tells of."""
    attack, told = scene.attack, queue.Queue()
    bundle = BundleSettings(
        name=attack.name,
        path="/bundles/attacked",
        upstream=str(scene.bundle),
        access=Access(),
        verdict=str(scene.folder / VERDICT) if attack.is_verdict else None,
        resource_uri=RESOURCE if attack.is_verdict else "",
        levels=(attack.level,) if attack.is_verdict and attack.level else (),
        attestations=() if attack.is_verdict else tuple(map(str, scene.attestations)),
    )
    settings = GatewaySettings(
        listen=ListenOn(host="127.0.0.1", port=0), policy=scene.policy, ledger=scene.url, bundles=(bundle,)
    )
    around = Surroundings(
        read_policy=verifier.load_policy, clock=lambda: attack.now, observe=told.put, metrics=Metrics()
    )
    server = GatewayServer(settings, around, load=lambda: settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.address, told
    finally:
        server.stop()
        stopping.append(thread)


def asked(address):
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE_S)
    connection.request("GET", "/bundles/attacked")
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@pytest.mark.parametrize("attack", SHOWN, ids=lambda attack: attack.id)
def test_the_gateway_refuses_it_and_serves_nothing_of_it(attack, tmp_path, stopping):
    scene = stage(attack, tmp_path)
    with gateway(scene, stopping) as (address, told):
        events = iter(lambda: told.get(timeout=PATIENCE_S), None)
        event = next(event for event in events if event.name in TOLD)
        status, content = asked(address)
    assert event.name == "bundle.refused"
    assert status == 503
    assert Digest.of(content) != Digest.of(scene.bundle.read_bytes())
    assert json.loads(content)["reasons"]
    seen = set(event.facts["codes"])
    if attack.is_verdict:
        assert set(attack.codes) <= seen
    else:
        require_codes(attack, seen)
