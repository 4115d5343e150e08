"""A real OPA as a server that is asked about one module after the other: a thousand of them in a few seconds."""

import contextlib
import http.client
import json
import os
import socket
import subprocess

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable, missing
from verifier.rego.syntax import builtins_of, package_of

ROUNDS = int(os.environ.get("VERIFIER_ROUNDS", "1"))
"""How many times the usual number of generated cases is tried: `make nightly` says more than 1."""


_PAUSE_S = 0.025


class Answer:
    """What OPA says of a module: `package` and `builtins`, or why it does not take it: `code` and `message`."""

    def __init__(self, *, package=None, builtins=frozenset(), code="", message=""):
        self.package, self.builtins, self.code, self.message = package, builtins, code, message

    @property
    def taken(self):
        return not self.code


class OpaServer:
    """One OPA, in v1 or in v0; what is asked leaves nothing behind."""

    def __init__(self, connection, known):
        self._connection, self.known = connection, known

    def ask(self, source):
        """What OPA says of a module alone."""
        status, answer = self._request("PUT", "/v1/policies/m", source.encode("utf-8", "surrogatepass"))
        if status != 200:
            (first, *_) = answer.get("errors") or [answer]
            return Answer(code=first.get("code", "refused"), message=first.get("message", ""))
        _, kept = self._request("GET", "/v1/policies/m")
        self._request("DELETE", "/v1/policies/m")
        tree = kept.get("result", {}).get("ast")
        if tree is None:
            return Answer(code="empty", message=json.dumps(kept)[:200])
        return Answer(package=package_of(tree), builtins=builtins_of(tree, self.known))

    def _request(self, method, path, body=None):
        self._connection.request(method, path, body)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")


@contextlib.contextmanager
def opa_server(*, version=1):
    """An OPA that takes modules of this version of Rego."""
    program = executable("opa", "OPA")
    listed = json.loads(subprocess.run([program, "capabilities", "--current"], capture_output=True, check=True).stdout)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    language = ["--v0-compatible"] if version == 0 else []
    command = [program, "run", "--server", f"--addr=127.0.0.1:{port}", "--disable-telemetry", "--log-level=error"]
    with subprocess.Popen([*command, *language], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            connection = _connected(port, running)
            yield OpaServer(connection, frozenset(each["name"] for each in listed["builtins"]))
            connection.close()
        finally:
            running.kill()


def _connected(port, running):
    while running.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        with contextlib.suppress(OSError):
            connection.request("GET", "/health")
            connection.getresponse().read()
            return connection
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(timeout=_PAUSE_S)
    return missing("opa ended before it answered")
