"""A real OPA behind the gateway: it activates, is told nothing has changed, waits for news, and never goes back."""

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.scene import Scene
from tests.support.material import public_pem
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.stories import archive, signed

pytestmark = pytest.mark.interop
OLD, NEW, NEWEST = "1.0.0", "1.1.0", "1.2.0"
BUNDLE_TYPE = "application/vnd.openpolicyagent.bundles"


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def release(revision: str) -> bytes:
    """A bundle that decides its own revision."""
    return signed(archive(revision, module=f'package authz\n\nrevision := "{revision}"\n'.encode()))


class Opa:
    """A real OPA as a server, which polls once a second or holds its polls."""

    def __init__(self, folder, gateway, *, wait, names=("authz",), service=None):
        self.port = free_port()
        polling = {"min_delay_seconds": 1, "max_delay_seconds": 1}
        if wait:
            polling["long_polling_timeout_seconds"] = wait
        signing = {"keyid": "p256", "scope": "authz"}
        config = {
            "services": {"gateway": {"url": f"http://127.0.0.1:{gateway.port}", **(service or {})}},
            "keys": {"p256": {"algorithm": "ES256", "key": public_pem("p256").decode()}},
            "bundles": {
                name: {
                    "service": "gateway",
                    "resource": f"bundles/{name}",
                    "polling": polling,
                    "signing": signing,
                }
                for name in names
            },
            "status": {"console": True},
        }
        (folder / "opa.json").write_text(json.dumps(config))
        command = [executable("opa", "OPA"), "run", "--server", "--addr", f"127.0.0.1:{self.port}"]
        self.log = (folder / "opa.log").open("wb")
        self.process = subprocess.Popen(
            [*command, "--config-file", str(folder / "opa.json"), "--disable-telemetry"],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HOME": str(folder)},
        )

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S) as answer:
                return json.load(answer).get("result")
        except (urllib.error.URLError, ConnectionError):
            return None  # not there yet

    def decision(self):
        return self.ask("/v1/data/authz/revision")

    def status(self, name="authz"):
        return ((self.ask("/v1/status") or {}).get("bundles") or {}).get(name, {})

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.log.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def opa(tmp_path):
    """Starts an OPA behind a gateway."""
    started = []

    def start(gateway, *, wait=None, **more):
        started.append(Opa(tmp_path, gateway, wait=wait, **more))
        return started[-1]

    yield start
    for each in started:
        each.close()


@contextmanager
def serving(scene: Scene, *bundles, **changes):
    scene.publish(release(NEW))
    with scene.running(*bundles, **changes) as gateway:
        scene.saw("bundle.served")
        yield gateway


def test_opa_activates_what_the_gateway_serves_and_is_told_when_nothing_has_changed(scene, opa):
    with serving(scene) as gateway:
        peer = opa(gateway)
        gateway.until(lambda: peer.decision() == NEW)
        gateway.until(lambda: scene.metric("verifier_gateway_requests_total", bundle="authz", status="304") >= 2)
        assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="200") == 1
        gateway.until(lambda: peer.status().get("active_revision") == NEW)


def test_opa_gets_a_newer_release_at_its_next_poll(scene, opa):
    with serving(scene) as gateway:
        peer = opa(gateway)
        gateway.until(lambda: peer.decision() == NEW)
        scene.publish(release(NEWEST))
        gateway.until(lambda: peer.decision() == NEWEST)


def test_opa_holds_a_long_poll_and_gets_a_newer_release_by_it(scene, opa):
    with serving(scene) as gateway:
        peer = opa(gateway, wait=60)
        gateway.until(lambda: peer.decision() == NEW and gateway.held() == 1)
        scene.publish(release(NEWEST))
        gateway.until(lambda: peer.decision() == NEWEST)
        gateway.until(lambda: gateway.held() == 1)  # and waits again
        # Two bundles sent, and not one answer in between: it did not come by polling.
        assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="304") == 0
        assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="200") == 2


@pytest.mark.parametrize("wait", [None, 5], ids=["polling", "long-polling"])
def test_a_replayed_older_release_is_refused_while_opa_decides_by_the_newer_one(scene, opa, wait):
    with serving(scene) as gateway:
        peer = opa(gateway, wait=wait)
        gateway.until(lambda: peer.decision() == NEW)
        scene.publish(release(OLD))
        assert scene.saw("bundle.refused").facts["codes"] == ["version.rollback"]
        asked = scene.metric("verifier_gateway_requests_total", bundle="authz", status="304")
        gateway.until(
            lambda: scene.metric("verifier_gateway_requests_total", bundle="authz", status="304") >= asked + 2
        )
        assert peer.decision() == NEW
        assert peer.status()["active_revision"] == NEW
        assert gateway.status()["lastRefusal"]["version"] == OLD


def test_what_is_withdrawn_shows_in_opas_status_while_its_decisions_go_on(scene, opa):
    with serving(scene) as gateway:
        peer = opa(gateway)
        gateway.until(lambda: peer.decision() == NEW)
        scene.quarantine(release_bytes(gateway))
        gateway.until(lambda: peer.status().get("http_code") in {503, "503"})
        assert peer.decision() == NEW
        scene.publish(release(NEWEST))
        gateway.until(lambda: peer.decision() == NEWEST)
        gateway.until(lambda: not peer.status().get("http_code"))


def release_bytes(gateway) -> bytes:
    answer = gateway.ask()
    assert answer.headers["content-type"] == BUNDLE_TYPE
    return answer.body


def test_opa_that_starts_where_nothing_was_accepted_gets_its_bundle_once_something_is(scene, opa):
    scene.publish(archive())
    with scene.running() as gateway:
        peer = opa(gateway)
        gateway.until(lambda: peer.status().get("http_code") in {503, "503"})
        assert peer.decision() is None
        scene.publish(release(NEW))
        gateway.until(lambda: peer.decision() == NEW)


def test_several_bundles_reach_opa_each_by_itself(scene, opa):
    scene.publish(release(NEW))
    scene.publish(archive(), "empty")
    with scene.running(scene.bundle(), scene.bundle("empty")) as gateway:
        peer = opa(gateway, names=("authz", "empty"))
        gateway.until(lambda: peer.decision() == NEW)
        gateway.until(lambda: peer.status("empty").get("http_code") in {503, "503"})
        assert peer.status()["active_revision"] == NEW


def test_a_gateway_that_is_restarted_is_found_again(scene, opa):
    with serving(scene, cache=scene.folder / "cache") as gateway:
        peer = opa(gateway, wait=30)
        gateway.until(lambda: peer.decision() == NEW)
        listen = gateway.server.address
    with scene.running(listen=listen, cache=scene.folder / "cache") as gateway:
        scene.publish(release(NEWEST))
        gateway.until(lambda: peer.decision() == NEWEST)


def test_opa_says_who_it_is_by_a_token_over_tls(scene, opa, tmp_path):
    servers, token = Authority(tmp_path, "servers"), "a-token-of-some-length"
    scene.publish(release(NEW))
    with scene.running(tls=tls(servers), tokens=(token,)) as gateway:
        url = f"https://127.0.0.1:{gateway.port}"
        known = {"url": url, "tls": {"ca_cert": str(servers.file)}, "credentials": {"bearer": {"token": token}}}
        gateway.context = trusting(servers)
        peer = opa(gateway, service=known)
        gateway.until(lambda: peer.decision() == NEW)
        assert scene.metric("verifier_gateway_requests_total", bundle="authz", status="401") == 0


def test_opa_without_its_token_gets_nothing(scene, opa):
    with serving(scene, tokens=("a-token-of-some-length",)) as gateway:
        peer = opa(gateway)
        gateway.until(lambda: peer.status().get("http_code") in {401, "401"})
        assert peer.decision() is None
