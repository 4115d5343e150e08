"""`make demo-runtime`: an older, validly signed bundle is replayed, and a real OPA keeps serving the newer policy.

Two OPAs run side by side. One asks the bundle server itself, the other through `verify serve`; both verify the bundle's
signature. Then someone puts the older release back on the server. Everything lies in a temporary folder, on loopback.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

PATIENCE_S = 30
VERIFY = [sys.executable, "-m", "verifier"]
TRUST = """\
version = 1
id = "https://acme.example/policy/authz"
[signers.release]
key = "keys/release.pub"
[signers.ci]
key = "keys/ci.pub"
[artifacts."bundle:authz"]
signatures = { from = ["release"] }
version = { from = "manifest.revision", scheme = "semver" }
resource_uri = "https://bundles.acme.example/authz.tar.gz"
[verifiers.ci]
signer = "ci"
id = "https://policy-verifier.dev/verifier"
"""


def main() -> int:
    """Play it; 0 where everything went as it should."""
    opa = shutil.which("opa")
    if opa is None:
        print("a real OPA is needed on PATH; `make demo-runtime` installs one", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="verify-demo-") as folder, ExitStack() as running:
        return play(Path(folder).resolve(), opa, running)


def play(folder: Path, opa: str, running: ExitStack) -> int:
    """The whole play."""
    say("Two releases, signed; CI's verdict about each; a bundle server; a ledger")
    build(folder)
    server = running.enter_context(bundle_server(folder / "published"))
    gateway = f"http://127.0.0.1:{free_port()}"
    (folder / "gateway.toml").write_text(
        f'version = 1\nlisten = "{gateway.removeprefix("http://")}"\npolicy = "trust.toml"\n'
        f'ledger = "sqlite://{folder}/gateway.db"\ncache = "cache"\n'
        f'[bundles.authz]\nupstream = "{server}/authz.tar.gz"\npoll = "1s"\n'
    )
    publish(folder, "1.0.0")
    running.enter_context(process([*VERIFY, "serve", "--config", "gateway.toml"], folder, "gateway.log"))
    until("the gateway is ready", lambda: fetch(f"{gateway}/readyz") is not None)
    alone = running.enter_context(opa_server(opa, folder, "alone", f"{server}/authz.tar.gz"))
    behind = running.enter_context(opa_server(opa, folder, "behind", f"{gateway}/bundles/authz"))
    decisions = partial(show, alone, behind)
    decisions("old", "old")

    say("Release 1.1.0 is published: both load it")
    publish(folder, "1.1.0")
    decisions("new", "new")

    say("ATTACK: release 1.0.0, whose signature is as valid as ever, is put back on the server")
    publish(folder, "1.0.0")
    until("the gateway has refused it", lambda: refusal(gateway) is not None)
    decisions("old", "new")
    print(f"  it says why: {json.dumps(refusal(gateway), indent=2)}")

    say("ATTACK: the same release, handed to the runtime hook")
    assert preload(folder, "1.1.0").returncode == 0
    hook = preload(folder, "1.0.0")
    print(hook.stdout)
    assert hook.returncode == 1, hook.stdout
    assert "version.rollback" in hook.stdout
    say("OPA alone went back to the older policy. Behind the gateway, and with the hook, nothing did.")
    return 0


def build(folder: Path) -> None:
    """Keys, the trust policy, ledgers, and two releases of one policy."""
    (folder / "keys").mkdir()
    (folder / "published").mkdir()
    (folder / "trust.toml").write_text(TRUST)
    for key in ("release", "ci"):
        must(folder, "key", "generate", f"keys/{key}", "--no-passphrase")
    for ledger in ("gateway", "hook"):
        must(folder, "ledger", "init", "--ledger", f"sqlite://{folder}/{ledger}.db")
    for revision, decision in (("1.0.0", "old"), ("1.1.0", "new")):
        source = folder / f"source-{revision}"
        (source / "authz").mkdir(parents=True)
        manifest = {"revision": revision, "roots": ["authz"], "rego_version": 1}
        (source / ".manifest").write_text(json.dumps(manifest))
        (source / "authz" / "policy.rego").write_text(f'package authz\n\ndecision := "{decision}"\n')
        bundle = f"{revision}.tar.gz"
        signing = ("--key", "keys/release", "--keyid", "release", "--scope", "authz")
        must(folder, "sign", "bundle", source.name, *signing, "--out", bundle)
        emitted = ("--verdict-out", f"{revision}.json", "--signing-key", "keys/ci")
        must(folder, "bundle", bundle, "--policy", "trust.toml", "--name", "authz", "--no-record", *emitted)


def publish(folder: Path, revision: str) -> None:
    """Put a release on the bundle server, in one step."""
    shutil.copy(folder / f"{revision}.tar.gz", folder / "published" / "next")
    (folder / "published" / "next").replace(folder / "published" / "authz.tar.gz")


def verify(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, with the hook's ledger."""
    print(f"  $ verify {' '.join(arguments)}")
    given = {"VERIFY_LEDGER": f"sqlite:{folder}/hook.db", "PYTHONPATH": ":".join(sys.path), "HOME": str(folder)}
    command = [*VERIFY, *arguments]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)


def preload(folder: Path, revision: str) -> subprocess.CompletedProcess[str]:
    """The runtime hook, for a release and its verdict."""
    named = ("--name", "authz", "--policy", "trust.toml", "--out", "loaded.tar.gz")
    return verify(folder, "preload", f"{revision}.tar.gz", "--verdict", f"{revision}.json", *named)


def must(folder: Path, *arguments: str) -> None:
    """The command, which has to succeed."""
    done = verify(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def bundle_server(folder: Path) -> Iterator[str]:
    """A bundle server that verifies nothing, as they are; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def opa_server(opa: str, folder: Path, name: str, url: str) -> Iterator[str]:
    """A real OPA that asks `url` for its bundle every second or two, and verifies the signature; its address."""
    base, _, resource = url.rpartition("/bundles/") if "/bundles/" in url else url.rpartition("/")
    address = f"127.0.0.1:{free_port()}"
    configuration: dict[str, Any] = {
        "services": {"bundles": {"url": base}},
        "keys": {"release": {"algorithm": "ES256", "key": (folder / "keys" / "release.pub").read_text()}},
        "bundles": {
            "authz": {
                "service": "bundles",
                "resource": f"bundles/{resource}" if "/bundles/" in url else resource,
                "signing": {"keyid": "release", "scope": "authz"},
                "polling": {"min_delay_seconds": 1, "max_delay_seconds": 2},
            }
        },
    }
    (folder / f"{name}.json").write_text(json.dumps(configuration))
    command = [opa, "run", "--server", "--addr", address, "--config-file", f"{name}.json"]
    with process(command, folder, f"{name}.log"):
        until(f"OPA ({name}) has its bundle", lambda: fetch(f"http://{address}/health?bundles") is not None)
        yield f"http://{address}"


@contextmanager
def process(command: list[str], folder: Path, log: str) -> Iterator[None]:
    """A server that runs until the play is over."""
    with (folder / log).open("wb") as output:
        started = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            started.terminate()
            started.wait(PATIENCE_S)


def show(alone: str, behind: str, first: str, second: str) -> None:
    """Wait for what each OPA decides, and show it."""
    for name, address, expected in (("alone", alone, first), ("behind verify serve", behind, second)):
        until(f"OPA {name} decides {expected!r}", lambda at=address, want=expected: decision(at) == want)  # type: ignore[misc]


def decision(address: str) -> str | None:
    """What an OPA decides now."""
    answer = fetch(f"{address}/v1/data/authz/decision")
    return None if answer is None else json.loads(answer).get("result")


def refusal(gateway: str) -> dict[str, Any] | None:
    """What the gateway refused last, and why."""
    (bundle,) = json.loads(fetch(f"{gateway}/status") or "{}")["bundles"]
    refused: dict[str, Any] | None = bundle["lastRefusal"]
    return refused


def until(what: str, holds: Callable[[], bool]) -> None:
    """Ask again and again until it holds, and say so."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_S} seconds: {what}")
        time.sleep(0.05)
    print(f"  {what}")


def fetch(url: str) -> str | None:
    """The body of an answer 200, else None."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own addresses
            return str(answer.read().decode())
    except OSError:
        return None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(what: str) -> None:
    """What happens next."""
    print(f"── {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
