"""The gateway against nginx with the same file: answers a second, the slowest hundredth, under attack, and for long.

Both have 1,000 other clients connected: for the gateway each holds a long poll, for nginx, which has none, it is idle.
`wrk` asks from one thread, so that on two cores the server has one for itself.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import ROOT, Row, child_environment, peer, python
from benchmarks.samples import ALGORITHM
from verifier.archives.pack import pack_members
from verifier.ledger.open import create_ledger_url
from verifier.publish.keygen import generate_key_pair
from verifier.publish.sign import sign_bundle
from verifier.signatures.keys import PrivateKey, load_private_key

WAITING = 1_000
_IDLE = 10_000
_CONNECTIONS = 16
_SECONDS = 4
_ROUNDS = 3
_LONG = 12
"""Rounds of one load, for the memory."""
_POLICY = """
version = 1
id = "https://example.org/policy/authz"
[signers.release]
key = "release.pem"
[artifacts."bundle:authz"]
signatures = { from = ["release"] }
version = { from = "manifest.revision", scheme = "semver" }
"""
_NGINX = """
daemon off; worker_processes {workers}; pid {room}/nginx.pid; error_log {room}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; etag on; keepalive_timeout 600s; keepalive_requests 100000000;
    server {{ listen 127.0.0.1:{port}; root {room}/published; }}
}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What `wrk` saw: answers a second, and the seconds that the slowest hundredth took at least.

    `cpu` is what one answer took of the server's processors, in seconds.
    """

    rate: float
    slowest: float
    cpu: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where it is, its process, and the entity tag of what it serves."""

    url: str
    pid: int
    etag: str


def rows(room: Path) -> Iterator[Row]:
    """Everything in one run of both servers."""
    against = "nginx, one worker, the same file, 1,000 idle clients"
    title = f"10,000 answers 304 by `verify serve`, {WAITING:,} clients holding long polls"
    absent = [name for name in ("nginx", "wrk") if peer(name) is None]
    if absent:
        yield Row(title=title, against=against, note=f"{' and '.join(absent)} not on PATH")
        return
    key = _published(room)
    with ExitStack() as running:
        ours, theirs = running.enter_context(_gateway(room)), running.enter_context(_nginx(room))
        running.enter_context(_waiting(ours))
        running.enter_context(_waiting(theirs, "idle"))
        first, second = _in_turns(ours, theirs)
        yield Row(
            title=title,
            against=against,
            ours=10_000 / first.rate,
            theirs=10_000 / second.rate,
            target=3.0,
            cpu_ours=10_000 * first.cpu,
            cpu_theirs=10_000 * second.cpu,
        )
        slowest = f"the slowest hundredth of them, {_CONNECTIONS} asking at once"
        yield Row(title=slowest, against=against, ours=first.slowest, theirs=second.slowest, target=2.0)
        yield _under_attack(room, ours, key)
        yield _for_long(ours)
    yield _with_workers(room)
    yield _of_idle(room)


def _with_workers(room: Path) -> Row:
    """The same with two processes that have the connections, and a third one that judges."""
    with ExitStack() as running:
        ours = running.enter_context(_gateway(room, "--workers", "2"))
        theirs = running.enter_context(_nginx(room, workers=2))
        running.enter_context(_waiting(ours))
        running.enter_context(_waiting(theirs, "idle"))
        first, second = _in_turns(ours, theirs)
    return Row(
        title=f"10,000 answers 304 by `verify serve --workers 2`, {WAITING:,} clients holding long polls",
        against="nginx, two workers, the same file, 1,000 idle clients",
        ours=10_000 / first.rate,
        theirs=10_000 / second.rate,
        cpu_ours=10_000 * first.cpu,
        cpu_theirs=10_000 * second.cpu,
    )


def _in_turns(ours: Server, theirs: Server) -> tuple[Load, Load]:
    for server in (ours, theirs):
        _wrk(server, 1)
    taken = [(_wrk(ours), _wrk(theirs)) for _ in range(_ROUNDS)]
    return _median([first for first, _ in taken]), _median([second for _, second in taken])


def _under_attack(room: Path, ours: Server, key: PrivateKey) -> Row:
    """Clients get their answers as fast while the upstream offers one bad bundle after another."""
    quiet, attacked = [], []
    for _ in range(_ROUNDS):
        quiet.append(_wrk(ours))
        with _attack(room, key):
            attacked.append(_wrk(ours))
    return Row(
        title="10,000 answers 304 while the upstream offers another tampered bundle at every poll (1 s)",
        against="the same without",
        ours=10_000 / _median(attacked).rate,
        theirs=10_000 / _median(quiet).rate,
        target=1.1,
    )


def _for_long(ours: Server) -> Row:
    """Resident memory, as megabytes, after the first load and after many."""
    before = _resident(ours.pid)
    answers = sum(_wrk(ours).rate * _SECONDS for _ in range(_LONG))
    return Row(
        title=f"resident memory of the gateway, {answers:,.0f} requests later",
        against="before them",
        ours=_resident(ours.pid),
        theirs=before,
        target=1.05,
        unit="MiB",
    )


def _of_idle(room: Path) -> Row:
    """Resident memory of the gateway for each client that holds a long poll and is not told anything."""
    with _gateway(room) as ours:
        before = _resident(ours.pid)
        with _waiting(ours, count=_IDLE):
            each = (_resident(ours.pid) - before) * 1024 * 1024 / _IDLE
    return Row(
        title=f"resident memory of the gateway for each of {_IDLE:,} long polls",
        against="10 KiB",
        ours=each,
        theirs=10 * 1024,
        target=1.0,
        unit="bytes",
    )


def _median(loads: list[Load]) -> Load:
    return Load(
        rate=statistics.median(load.rate for load in loads),
        slowest=statistics.median(load.slowest for load in loads),
        cpu=statistics.median(load.cpu for load in loads),
    )


def _wrk(server: Server, seconds: int = _SECONDS) -> Load:
    before = _processors(server.pid)
    command = ["wrk", "--threads", "1", "--connections", str(_CONNECTIONS), "--duration", f"{seconds}s", "--latency"]
    shown = subprocess.run(
        [*command, "--header", f"If-None-Match: {server.etag}", server.url], capture_output=True, text=True, check=True
    ).stdout
    rate, slowest = re.search(r"Requests/sec:\s+([\d.]+)", shown), re.search(r"99%\s+([\d.]+)(us|ms|s)\b", shown)
    assert rate, shown
    assert slowest, shown
    assert "Non-2xx" not in shown, shown
    answers = re.search(r"(\d+) requests in", shown)
    assert answers, shown
    return Load(
        rate=float(rate[1]),
        slowest=float(slowest[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[slowest[2]],
        cpu=(_processors(server.pid) - before) / int(answers[1]),
    )


def _published(room: Path) -> PrivateKey:
    """A signed bundle where both serve it from, and the policy that trusts its signer."""
    pair = generate_key_pair(passphrase=None)
    key = load_private_key(pair.private_pem, passphrase=None, where="benchmark")
    (room / "release.pem").write_bytes(pair.public_pem)
    (room / "trust.toml").write_text(_POLICY)
    create_ledger_url(f"sqlite://{room}/ledger.db")
    (room / "published").mkdir()
    _put(room, _bundle(key, "1.0.0"))
    return key


def _bundle(key: PrivateKey, revision: str) -> bytes:
    members = [(".manifest", f'{{"revision": "{revision}", "roots": ["authz"]}}'.encode())]
    members += [
        (f"authz/m{number}.rego", f"package authz.m{number}\n\nallow := true\n".encode()) for number in range(200)
    ]
    now = datetime.now(UTC)
    return sign_bundle(pack_members(members), key=key, algorithm=ALGORITHM, keyid=None, scope=None, now=now)


def _put(room: Path, content: bytes) -> None:
    (room / "next").write_bytes(content)
    (room / "next").replace(room / "published" / "authz.tar.gz")


@contextmanager
def _attack(room: Path, key: PrivateKey) -> Iterator[None]:
    """Bad bundles, each another one, four a second; the good one again at the end."""
    good = (room / "published" / "authz.tar.gz").read_bytes()
    stranger = load_private_key(generate_key_pair(passphrase=None).private_pem, passphrase=None, where="attack")
    for number in range(20):
        (room / f"bad-{number}").write_bytes(_bundle(stranger if number % 2 else key, f"0.0.{number}"))
    script = (
        "import itertools, os, shutil, time\n"
        "for number in itertools.cycle(range(20)):\n"
        "    shutil.copy(f'bad-{number}', 'next-bad'); os.replace('next-bad', 'published/authz.tar.gz')\n"
        "    time.sleep(0.25)\n"
    )
    attacker = subprocess.Popen(python("-c", script), cwd=room)
    try:
        yield
    finally:
        attacker.kill()
        attacker.wait()
        _put(room, good)


@contextmanager
def _gateway(room: Path, *options: str) -> Iterator[Server]:
    port = _free_port()
    (room / "gateway.toml").write_text(
        f'version = 1\nlisten = "127.0.0.1:{port}"\npolicy = "trust.toml"\nledger = "sqlite://{room}/ledger.db"\n'
        f'cache = "cache"\n[limits]\nconnections = {_IDLE + WAITING}\n'
        '[bundles.authz]\nupstream = "published/authz.tar.gz"\npoll = "1s"\n'
    )
    command = python("-m", "verifier", "serve", "--config", str(room / "gateway.toml"), *options)
    with _process(command, room, "gateway") as pid:
        yield _serving(f"http://127.0.0.1:{port}/bundles/authz", pid)


@contextmanager
def _nginx(room: Path, workers: int = 1) -> Iterator[Server]:
    port = _free_port()
    (room / "nginx.conf").write_text(_NGINX.format(room=room, port=port, workers=workers))
    room.chmod(0o755)  # its worker is another user
    (room / "published").chmod(0o755)
    with _process([str(peer("nginx")), "-c", str(room / "nginx.conf"), "-p", str(room)], room, "nginx") as pid:
        yield _serving(f"http://127.0.0.1:{port}/authz.tar.gz", pid)


@contextmanager
def _waiting(server: Server, *how: str, count: int = WAITING) -> Iterator[None]:
    host, port, path = re.match(r"http://([\d.]+):(\d+)(/.*)", server.url).groups()  # type: ignore[union-attr]
    command = python("-m", "benchmarks.waiting", host, port, path, str(count), *how)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as clients:
        assert clients.stdout is not None
        assert clients.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            assert clients.poll() is None, "the waiting clients were sent away"
            clients.kill()


@contextmanager
def _process(command: list[str], room: Path, name: str) -> Iterator[int]:
    with (room / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            command, cwd=ROOT, env=child_environment(os.environ, room), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield started.pid
        finally:
            started.terminate()
            started.wait(30)


def _serving(url: str, pid: int) -> Server:
    """The server, once it serves."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own servers
                return Server(url=url, pid=pid, etag=answer.headers["etag"])
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _resident(pid: int) -> float:
    """MiB."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def _processors(pid: int) -> float:
    """CPU seconds of a server so far, user and system, with the processes that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for each in (pid, *map(int, children)):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
