"""A real registry of our own (CNCF distribution) on loopback, and the clients that push to it."""

import base64
import json
import queue
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import load_pem_x509_certificate

from tests.support.net.servers import Authority, server
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable, run
from verifier.formats.oci.manifest import BUNDLE_LAYER

USER, PASSWORD = "user", "pass"
_HTPASSWD = "user:$2y$04$MC7QfkBfr9oGP7dIKeVu3uK3xKd0WLdxdVWb3oCkmi9HbpBfX5Jja\n"


@dataclass(frozen=True, kw_only=True)
class RealRegistry:
    """A registry that runs at `host`, and a folder for those who push to it."""

    host: str
    folder: Path

    def push(self, name: str, *files: tuple[Path, str], credentials: bool = False) -> str:
        """Push files with their media types as `oras` does; the digest of the manifest."""
        login = ["--username", USER, "--password", PASSWORD] if credentials else []
        given = [f"{path}:{media_type}" for path, media_type in files]
        command = ["push", "--plain-http", "--disable-path-validation", "--format", "json", *login]
        said = self.oras(*command, f"{self.host}/{name}", *given)
        return json.loads(said[said.index("{") :])["digest"]

    def push_bundle(self, name: str, path: Path, *, credentials: bool = False) -> str:
        return self.push(name, (path, BUNDLE_LAYER), credentials=credentials)

    def oras(self, *arguments: str) -> str:
        environment = {"DOCKER_CONFIG": str(self.folder), "HOME": str(self.folder)}
        return run(executable("oras", "ORAS"), *arguments, cwd=self.folder, environment=environment)


@contextmanager
def real_registry(folder: Path, auth: str = "") -> Iterator[RealRegistry]:
    """Run one, empty and in memory; `auth` is that section of its configuration."""
    (folder / "config.yml").write_text(
        "version: 0.1\n"
        "log: {level: info, formatter: json, accesslog: {disabled: true}}\n"
        "storage: {inmemory: {}}\n"
        "http: {addr: '127.0.0.1:0', secret: for-tests}\n"
        f"{auth}"
    )
    command = [executable("registry", "REGISTRY"), "serve", str(folder / "config.yml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder) as process:
        said = queue.SimpleQueue()
        listening = threading.Thread(target=_listen, args=(process, said), daemon=True)
        listening.start()
        try:
            host = said.get(timeout=PATIENCE_S)
            assert host, f"the registry ended with status {process.wait()}"
            yield RealRegistry(host=host, folder=folder)
        finally:
            process.kill()
            listening.join(PATIENCE_S)  # before what it reads is closed


def password_section(folder: Path) -> str:
    """Demand `USER` and `PASSWORD` of everybody."""
    (folder / "htpasswd").write_text(_HTPASSWD)
    return f"auth: {{htpasswd: {{realm: test, path: {folder / 'htpasswd'}}}}}\n"


@contextmanager
def token_section(folder: Path) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """Demand a token of a service that runs meanwhile, and what that service was asked for."""
    authority, asked = Authority(folder), []
    certificate, key_file = authority.issue("tokens", "tokens")
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    chain = load_pem_x509_certificate(certificate.read_bytes()).public_bytes(serialization.Encoding.DER)

    def say(exchange):
        asked.append(urllib.parse.parse_qs(urllib.parse.urlsplit(exchange.path).query))
        exchange.answer(body=json.dumps({"token": _token(key, chain, asked[-1])}).encode())

    with server(say) as service:
        settings = f"realm: '{service.url}/token', service: test, issuer: test, rootcertbundle: {authority.file}"
        yield f"auth: {{token: {{{settings}}}}}\n", asked


def _token(key: ec.EllipticCurvePrivateKey, chain: bytes, asked: dict[str, list[str]]) -> str:
    """A token for all that was asked for."""
    now, access = int(time.time()), []
    for scope in " ".join(asked.get("scope", [])).split():
        kind, name, actions = scope.split(":")
        access.append({"type": kind, "name": name, "actions": actions.split(",")})
    header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(chain).decode()]}
    claims = {"iss": "test", "sub": "", "aud": "test", "exp": now + 300, "nbf": now - 60, "iat": now, "jti": "1"}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims | {"access": access}))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _listen(process: subprocess.Popen, said: queue.SimpleQueue) -> None:
    """Say what it listens on, or "" where it ended; read on, for otherwise it would wait for a reader one day."""
    for line in process.stderr:
        message = json.loads(line).get("msg", "") if line.startswith(b"{") else ""
        if message.startswith("listening on "):
            said.put(message.removeprefix("listening on "))
    said.put("")
