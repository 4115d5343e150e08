"""Wheels, made here, and the real pypiserver that hands them out."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import zipfile
from contextlib import contextmanager

from tests.support.net.proxies import proxy
from tests.support.net.servers import Authority, server
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable


def wheel(folder, name, version, *requires, files=()):
    """A wheel of its metadata, and of `files`, as names and contents."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        for inside, content in files:
            archive.writestr(inside, content)
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return path


@contextmanager
def pypiserver(folder):
    """pypiserver with the wheels of `folder`: its URL."""
    program = executable("pypi-server", "PYPI_SERVER")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "run", "-v", "-p", str(port), "-i", "127.0.0.1", "--disable-fallback", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert any("Listening on" in line for line in running.stderr), "pypiserver ended"
            # What else it says is read and dropped: else it would wait for a reader one day.
            threading.Thread(target=running.stderr.read, daemon=True).start()
            _await(port, running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


@contextmanager
def pypiserver_before(folder):
    """pypiserver, as https://pypi.org: `environment` is how whoever asks gets there."""
    packages = folder / "packages"
    packages.mkdir()
    wheel(packages, "jinja2", "2.10")
    authority = Authority(folder)
    with pypiserver(packages) as url:
        port = int(url.rpartition(":")[2])

        def passed_on(exchange):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
            connection.request(exchange.command, exchange.path)
            answer = connection.getresponse()
            body = answer.read()
            exchange.answer(answer.status, body, Content_Type=answer.headers.get("content-type", "text/plain"))

        with server(passed_on, authority.server_context("pypi.org")) as running, proxy(running.port) as way:
            running.environment = {"HTTPS_PROXY": way.url, "REQUESTS_CA_BUNDLE": str(authority.file)}
            yield running


def _await(port, running):
    """Until it does what it has said, which takes it another moment."""
    while running.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("pypiserver ended")
