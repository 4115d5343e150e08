"""The three registries that the suite talks to: one without a referrers API, and two that have one and differ in it."""

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.peers.registry_server import RealRegistry, real_registry

DISTRIBUTION, GGCR, OCIMEM = "registry", "registry-ggcr", "registry-ocimem"
REGISTRIES = (DISTRIBUTION, GGCR, OCIMEM)
WITH_REFERRERS = (GGCR, OCIMEM)
"""Of the two, `registry-ggcr` states a wrong `artifactType`, and neither says the same where nothing refers."""


@contextmanager
def small_registry(name: str, folder: Path) -> Iterator[RealRegistry]:
    """Run one of those with the API, empty and in memory; it lets everybody in."""
    command = [executable(name, name.upper().replace("-", "_")), "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder) as process:
        said = queue.SimpleQueue()
        listening = threading.Thread(target=lambda: said.put(process.stdout.readline()), daemon=True)
        listening.start()
        try:
            host = said.get(timeout=PATIENCE_S).decode().strip()
            assert host, f"{name} ended with status {process.wait()}"
            yield RealRegistry(host=host, folder=folder)
        finally:
            process.kill()
            listening.join(PATIENCE_S)


def running_registry(name: str, folder: Path) -> AbstractContextManager[RealRegistry]:
    """Run the one of `REGISTRIES` with this name."""
    start: Callable[[Path], AbstractContextManager[RealRegistry]]
    start = real_registry if name == DISTRIBUTION else lambda where: small_registry(name, where)
    return start(folder)
