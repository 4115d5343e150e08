"""Several processes answer as one: each answer is the judge's, and where there is no judge there is none."""

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.notifications import BODY, SECRET, headers
from tests.support.gateway.scene import NEW, OLD, Answer, Scene, etag_of
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace
from verifier.gateway.server import GatewayServer
from verifier.gateway.settings.settings import Notify
from verifier.gateway.workers.crew import Crewing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SO_REUSEPORT, and sealed memory files")
TOKEN, OTHER = "a-token-of-some-length", "another-token-of-some-length"
LOOPBACK = "127.0.0.1"


def workers_of(gateway):
    """The processes, in the order of their numbers."""
    members = gateway.server._crew._members
    return [members[number].process.pid for number in sorted(members)]


def owner_of(connection: socket.socket, pids) -> int:
    """Which process has the other end of a connection; 0 while none has accepted it."""
    local, peer = connection.getsockname()[1], connection.getpeername()[1]
    ends = f":{peer:04X}", f":{local:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next((row[9] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])), "")
    for pid in pids:
        for each in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(each.readlink()) == f"socket:[{inode}]":
                    return pid
            except FileNotFoundError:
                continue
    return 0


class Client:
    """A connection that stays open."""

    def __init__(self, gateway):
        self.connection = gateway.connection()
        self.connection.connect()

    def ask(self, path="/bundles/authz", **fields) -> Answer:
        self.connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in fields.items()})
        response = self.connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


@contextmanager
def one_at_each(gateway):
    """A client of every worker, each on a connection that has asked already."""
    pids = workers_of(gateway)
    found, others = {}, []
    try:
        while set(found) != set(pids):
            client = Client(gateway)
            others.append(client)
            client.ask("/healthz")
            found.setdefault(owner_of(client.connection.sock, pids), client)
        yield list(found.values())
    finally:
        for client in others:
            client.connection.close()


@pytest.fixture
def gateway(scene):
    """Two workers, which serve OLD."""
    scene.publish(OLD)
    with scene.running(workers=2) as gateway:
        scene.saw("bundle.served")
        yield gateway


def statuses(clients, **fields):
    return {(answer.status, answer.headers.get("etag")) for answer in (each.ask(**fields) for each in clients)}


class TestEveryWorkerSaysTheSame:
    def test_a_newer_version_counts_at_every_worker_once_one_has_told_it(self, scene, gateway):
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}
            scene.publish(NEW)
            gateway.until(lambda: clients[0].ask(If_None_Match=etag_of(OLD)).status == 200)
            for _ in range(50):
                assert statuses(clients, If_None_Match=etag_of(OLD)) == {(200, etag_of(NEW))}
                assert statuses(clients, If_None_Match=etag_of(NEW)) == {(304, etag_of(NEW))}

    def test_no_client_is_told_an_older_version_than_another_was_before(self, scene, gateway):
        with one_at_each(gateway) as clients:
            seen, newest = [], etag_of(OLD)
            scene.publish(NEW)
            while newest == etag_of(OLD):
                for client in clients:
                    answer = client.ask(If_None_Match=newest)
                    newest = answer.etag
                    seen.append(newest)
            seen += [client.ask(If_None_Match=etag_of(OLD)).etag for client in clients for _ in range(20)]
            assert seen == sorted(seen, key=[etag_of(OLD), etag_of(NEW)].index)

    def test_what_is_quarantined_is_withheld_by_every_worker_at_the_next_request(self, scene, gateway):
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}
            scene.quarantine(OLD)
            for client in clients:
                answer = client.ask(If_None_Match=etag_of(OLD))
                assert (answer.status, answer.codes) == (503, ["version.quarantined"])

    def test_a_floor_withholds_it_at_every_worker(self, scene, gateway):
        with one_at_each(gateway) as clients:
            scene.raise_floor("2.0.0")
            assert {client.ask(If_None_Match=etag_of(OLD)).status for client in clients} == {503}

    def test_long_polls_of_every_worker_end_with_the_news(self, scene, gateway):
        with one_at_each(gateway) as clients:
            answers = []
            fields = {"If_None_Match": etag_of(OLD), "Prefer": f"wait={FOR_EVER_S}"}
            threads = [
                threading.Thread(target=lambda each=each: answers.append(each.ask(**fields)), daemon=True)
                for each in clients
            ]
            for each in threads:
                each.start()
            gateway.until(lambda: gateway.held() == len(clients))
            scene.publish(NEW)
            for each in threads:
                each.join(PATIENCE_S)
            assert [(each.status, each.body) for each in answers] == [(200, NEW)] * len(clients)

    def test_bytes_come_as_they_were_verified(self, gateway):
        with one_at_each(gateway) as clients:
            assert {client.ask().body for client in clients} == {OLD}


class TestReload:
    def test_a_token_that_was_taken_back_opens_no_worker(self, scene):
        scene.publish(OLD)
        with scene.running(workers=2, tokens=(TOKEN,)) as gateway:
            scene.saw("bundle.served")
            fields = {"Authorization": f"Bearer {TOKEN}", "If_None_Match": etag_of(OLD)}
            with one_at_each(gateway) as clients:
                assert {client.ask(**fields).status for client in clients} == {304}
                assert scene.reload(gateway, tokens=(OTHER,)).name == "gateway.reloaded"
                assert {client.ask(**fields).status for client in clients} == {401}

    def test_a_policy_that_trusts_the_signer_no_more_withholds_everywhere(self, scene, gateway):
        with one_at_each(gateway) as clients:
            policy = scene.folder / "trust.toml"
            policy.write_text(policy.read_text().replace('from = ["p256"]', 'from = ["p384"]'))
            assert scene.reload(gateway).name == "gateway.reloaded"
            assert {client.ask(If_None_Match=etag_of(OLD)).status for client in clients} == {503}

    def test_a_new_authority_of_clients_counts_at_every_worker(self, scene, tmp_path):
        servers, first, second = (Authority(tmp_path, name) for name in ("servers", "first", "second"))
        scene.publish(OLD)
        with scene.running(workers=2, tls=tls(servers, first)) as gateway:
            scene.saw("bundle.served")
            gateway.context = trusting(servers, first.issue("client"))
            with one_at_each(gateway) as clients:
                assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}
                assert scene.reload(gateway, tls=tls(servers, second)).name == "gateway.reloaded"
                for client in clients:
                    with pytest.raises((OSError, http.client.HTTPException)):
                        client.ask(If_None_Match=etag_of(OLD))

    def test_one_that_is_refused_changes_nothing(self, scene, gateway):
        (scene.folder / "trust.toml").write_text("nonsense")
        assert scene.reload(gateway).name == "gateway.reload-refused"
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}


class TestWhoDies:
    def test_a_killed_worker_is_said_aloud_and_another_takes_its_place(self, scene, gateway):
        killed, other = workers_of(gateway)
        os.kill(killed, signal.SIGKILL)
        ended = scene.saw("gateway.worker-ended")
        assert (ended.level, ended.facts["pid"], ended.facts["status"]) == ("error", killed, -signal.SIGKILL)
        gateway.until(lambda: killed not in workers_of(gateway))
        assert workers_of(gateway)[1] == other
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}

    def test_a_worker_that_does_not_take_a_reload_is_ended(self, scene, gateway, monkeypatch):
        monkeypatch.setattr("verifier.gateway.workers.crew.HAVE_S", 0.2)
        stopped = workers_of(gateway)[0]
        os.kill(stopped, signal.SIGSTOP)
        assert scene.reload(gateway).name == "gateway.reloaded"
        gateway.until(lambda: stopped not in workers_of(gateway))
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}

    def test_a_worker_outlives_no_judge_and_says_nothing_of_before(self, scene):
        scene.publish(OLD)
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "verifier", "serve", "--workers", "2", "--listen", f"{LOOPBACK}:{port}"]
        command += ["--policy", str(scene.folder / "trust.toml"), "--ledger", f"sqlite://{scene.ledger}"]
        command += ["--name", "authz", "--upstream", str(scene.folder / "authz.tar.gz"), "--log-format", "json"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as judge:
            seen = ""
            while "bundle.served" not in seen:
                seen += judge.stderr.readline()
            pids = [int(each) for each in Path(f"/proc/{judge.pid}/task/{judge.pid}/children").read_text().split()]
            ends = [os.pidfd_open(pid) for pid in pids]
            asking = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE_S)
            fields = {"If-None-Match": etag_of(OLD)}
            asking.request("GET", "/bundles/authz", headers=fields)
            assert asking.getresponse().status == 304
            judge.kill()
            judge.wait(PATIENCE_S)
            assert set(until_it_ends(asking)) <= {503}
            for each in ends:
                assert _ended(each), "a worker has outlived its judge"
                os.close(each)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((LOOPBACK, port), PATIENCE_S)

    def test_a_signal_to_a_worker_is_none(self, gateway):
        before = workers_of(gateway)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for pid in before:
                os.kill(pid, number)
        with one_at_each(gateway) as clients:
            assert statuses(clients, If_None_Match=etag_of(OLD)) == {(304, etag_of(OLD))}
        assert workers_of(gateway) == before


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    scene = Scene(tmp_path_factory.mktemp("crowded"))
    scene.publish(OLD)
    with scene.running(workers=2) as gateway:
        scene.saw("bundle.served")
        yield gateway


class TestEverythingElseIsTheJudge:
    def test_its_metrics_count_what_every_desk_has_answered(self, scene, gateway):
        with one_at_each(gateway) as clients:
            for client in clients:
                client.ask(If_None_Match=etag_of(OLD))
                client.ask(If_None_Match=etag_of(OLD))
            counted = {"bundle": "authz", "status": "304"}
            gateway.until(lambda: scene.metric("verifier_gateway_requests_total", **counted) == 2 * len(clients))

    def test_a_notification_is_read_by_the_judge(self, scene):
        scene.publish(OLD)
        with scene.running(workers=2, notify=Notify(secrets=(SECRET,))) as gateway:
            scene.saw("bundle.served")
            fields = {name.replace("-", "_"): text for name, text in headers().items()}
            assert gateway.ask("/notify", "POST", BODY, **fields).status == 202
            assert gateway.ask("/notify", "POST", BODY, **fields).status == 409, "whichever worker reads it again"

    @pytest.mark.parametrize("byte", range(256))
    def test_no_byte_of_a_request_ends_a_worker(self, crowded, byte):
        """What a stranger can write into a path or a field reaches the judge, or is refused before."""
        before = workers_of(crowded)
        raw = bytes([byte])
        crowded.raw(b"GET /%%%02x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: %b%b\r\n\r\n" % (byte, raw, raw * 9))
        assert crowded.ask("/healthz").status == 200
        assert workers_of(crowded) == before


class TestConfiguration:
    def test_fewer_connections_than_workers_are_refused(self, scene):
        settings = scene.configured(connections=1)
        with pytest.raises(ConfigurationError, match="2 workers cannot share 1 connections"):
            GatewayServer(settings, scene.around(), load=lambda: settings, crewing=Crewing(count=2, command=()))

    def test_a_port_that_another_gateway_shares_among_its_workers_is_not_shared_with_it(self, scene, gateway):
        settings = replace(scene.configured(), listen=gateway.server.address)
        with pytest.raises(ConfigurationError, match="cannot be used"):
            GatewayServer(settings, scene.around(), load=lambda: settings, crewing=Crewing(count=2, command=()))

    def test_a_worker_that_does_not_begin_ends_the_whole(self, scene):
        settings = scene.configured()
        crewing = Crewing(count=2, command=(sys.executable, "-I", "-c", "raise SystemExit(7)"))
        server = GatewayServer(settings, scene.around(), load=lambda: settings, crewing=crewing)
        with pytest.raises(ConfigurationError, match="a worker did not begin"):
            server.run()


def until_it_ends(connection):
    """The statuses that come on a connection, as long as any does."""
    try:
        while True:
            connection.request("GET", "/bundles/authz", headers={"If-None-Match": etag_of(OLD)})
            answer = connection.getresponse()
            answer.read()
            yield answer.status
    except (OSError, http.client.HTTPException):
        connection.close()


def _ended(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], PATIENCE_S)[0])
