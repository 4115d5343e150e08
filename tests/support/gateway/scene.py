"""A gateway on loopback: a real server in a thread, a real ledger, an upstream that is a file, and a client."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.support.material import NOW, public_pem
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from tests.support.stories import archive, signed
from verifier.cli.serve.worker import command
from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.gateway.events import Event
from verifier.gateway.metrics import Metrics
from verifier.gateway.server import GatewayServer
from verifier.gateway.serving import Surroundings
from verifier.gateway.settings.settings import BundleSettings, GatewaySettings, ListenOn
from verifier.gateway.workers.crew import Crewing
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import history
from verifier.ledger.interface import LedgerEvent
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.sources.upstream import Access
from verifier.trust.load import load_policy
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

POLICY = """\
version = 1
id = "https://example.org/policy"
[signers.p256]
key = "p256.pub"
[signers.p384]
key = "p384.pub"
[artifacts."bundle:*"]
scope = "each-name"
signatures = {{ from = ["p256"] }}
version = {{ from = "manifest.revision", scheme = "semver" }}
resource_uri = "https://bundles.example.org/authz.tar.gz"
{rule}
[verifiers.ci]
signer = "p384"
id = "https://example.org/verifier"
"""


def release(revision: str) -> bytes:
    """A signed bundle."""
    return signed(archive(revision))


OLD, NEW = release("1.0.0"), release("1.1.0")


def etag_of(content: bytes) -> str:
    return f'"sha256:{Digest.of(content).value}"'


@dataclass
class Clock:
    """The time of a scene, which moves when it is told to."""

    now = NOW

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        return [reason["code"] for reason in self.json["reasons"]]

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class Running:
    """A gateway that runs, as its clients see it."""

    def __init__(self, server: GatewayServer, scene: Scene) -> None:
        self.server, self.scene = server, scene
        self.context: ssl.SSLContext | None = None
        self.host, self.port = server.address.host, server.address.port

    def connection(self) -> http.client.HTTPConnection:
        if self.context is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE_S, context=self.context)

    def ask(self, path="/bundles/authz", method="GET", body=None, **headers) -> Answer:
        """One request on a connection of its own; `_` in the names of headers is a hyphen."""
        connection = self.connection()
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=fields)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def hold(self, etag: str, *, wait=FOR_EVER_S, path="/bundles/authz") -> Held:
        """A long poll by who has `etag`, begun and known to be held."""
        before = self.held(path)
        held = Held(self, path, etag, wait)
        self.until(lambda: self.held(path) == before + 1)
        return held

    def held(self, path="/bundles/authz") -> int:
        return next(each["heldPolls"] for each in self.ask("/status").json["bundles"] if each["path"] == path)

    def status(self, name="authz") -> dict:
        return next(each for each in self.ask("/status").json["bundles"] if each["name"] == name)

    def until(self, condition: Callable[[], bool]) -> None:
        """Ask until it is so; every try is a request."""
        deadline = threading.Event()
        timer = threading.Timer(PATIENCE_S, deadline.set)
        timer.start()
        try:
            while not condition():
                assert not deadline.is_set(), "it did not come to that in time"
        finally:
            timer.cancel()

    def raw(self, *pieces: bytes) -> bytes:
        """Everything that comes back for these bytes, until the gateway ends the connection."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE_S) as connection:
            for piece in pieces:
                connection.sendall(piece)
            answer = b""
            while data := connection.recv(65536):
                answer += data
            return answer


class Held:
    """A long poll under way in a thread."""

    def __init__(self, gateway: Running, path: str, etag: str, wait: float) -> None:
        self._answers: queue.Queue[Answer] = queue.Queue()
        headers = {"If-None-Match": etag, "Prefer": f"modes=snapshot,delta;wait={wait}"}
        self._thread = threading.Thread(target=lambda: self._answers.put(gateway.ask(path, **headers)), daemon=True)
        self._thread.start()

    def answer(self) -> Answer:
        found = self._answers.get(timeout=PATIENCE_S)
        self._thread.join(PATIENCE_S)
        return found


class Scene:
    """A folder with keys, a policy, a ledger and what upstream has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.events: queue.Queue[Event] = queue.Queue()
        self.metrics = Metrics()
        self.ledger = folder / "ledger.db"
        self.settings: GatewaySettings | None = None
        for name in ("p256", "p384"):
            (folder / f"{name}.pub").write_bytes(public_pem(name))
        self.trust()
        create_ledger(self.ledger)

    def trust(self, rule="") -> None:
        """Write the policy, with more lines in its rule."""
        (self.folder / "trust.toml").write_text(POLICY.format(rule=rule))

    def publish(self, content: bytes, name="authz") -> None:
        """Let upstream have this from now on."""
        temporary = self.folder / f".{name}"
        temporary.write_bytes(content)
        temporary.replace(self.folder / f"{name}.tar.gz")

    def bundle(self, name="authz", **changes) -> BundleSettings:
        chosen = {
            "name": name,
            "path": f"/bundles/{name}",
            "upstream": str(self.folder / f"{name}.tar.gz"),
            "access": Access(),
            "poll": timedelta(milliseconds=20),
            "spacing": timedelta(milliseconds=10),
        }
        return BundleSettings(**(chosen | changes))

    def configured(self, *bundles: BundleSettings, **changes) -> GatewaySettings:
        chosen = {
            "listen": ListenOn(host="127.0.0.1", port=0),
            "policy": self.folder / "trust.toml",
            "ledger": f"sqlite://{self.ledger}",
            "bundles": bundles or (self.bundle(),),
        }
        return GatewaySettings(**(chosen | changes))

    def quarantine(self, content: bytes, name="authz") -> None:
        with open_ledger(self.ledger) as ledger:
            withdraw_digest(ledger, f"bundle:{name}", Digest.of(content), Circumstances(now=self.clock()))

    def raise_floor(self, version: str, name="authz") -> None:
        with open_ledger(self.ledger) as ledger:
            floor = Floor(version=version, scheme=Scheme.SEMVER)
            set_floor(ledger, f"bundle:{name}", floor, Circumstances(now=self.clock()))

    def history(self) -> list[LedgerEvent]:
        with open_ledger(self.ledger) as ledger:
            return list(history(ledger))

    def around(self) -> Surroundings:
        return Surroundings(read_policy=load_policy, clock=self.clock, observe=self.events.put, metrics=self.metrics)

    @contextmanager
    def running(self, *bundles: BundleSettings, workers=0, **changes) -> Iterator[Running]:
        """A gateway until the end of the block; `settings` is what it reads when it is told to reload."""
        self.settings = self.configured(*bundles, **changes)
        crewing = Crewing(count=workers, command=command("json")) if workers else None
        server = GatewayServer(self.settings, self.around(), load=lambda: self.settings, crewing=crewing)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            self.saw("gateway.started")
            yield Running(server, self)
        finally:
            server.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def saw(self, name: str, **facts) -> Event:
        """The next event of this name with these facts; those before it are passed over."""
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if event.name == name and facts.items() <= event.facts.items():
                return event

    def reload(self, gateway: Running, **changes) -> Event:
        """Reload with these changes; what became of it."""
        self.settings = replace(self.settings, **changes)
        gateway.server.reload_soon()
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if event.name in {"gateway.reloaded", "gateway.reload-refused"}:
                return event

    def metric(self, name: str, **labels: str) -> float:
        """The value of a counter or gauge, 0 where it was never counted."""
        labels_text = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        for line in self.metrics.exposition().decode().splitlines():
            key, _, value = line.rpartition(" ")
            if key == (f"{name}{{{labels_text}}}" if labels else name):
                return float(value)
        return 0.0
