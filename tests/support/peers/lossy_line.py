"""A line to a server that ends at the worst moment: before a question arrives, or after it was answered."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class LossyLine:
    """Forwards a socket in `folder` to the one at `target`; `lose` ends one connection, later ones are sound."""

    def __init__(self, target: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="line-"))
        self._target = target
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.folder / target.name))
        self._server.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._lost: tuple[str, bytes] | None = None

    def lose(self, what: str, *, of: bytes) -> None:
        """Lose the next question that contains `of` ("question"), or what is answered to it ("answer")."""
        self._lost = (what, of)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=60)
        self._server.close()
        shutil.rmtree(self.folder)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # shut down
                return
            self._threads.append(threading.Thread(target=self._forward, args=(client,)))
            self._threads[-1].start()

    def _forward(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(ConnectionError, BrokenPipeError):
            server.connect(str(self._target))
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    said = ready.recv(1 << 16)
                    if not said:
                        return
                    if ready is client and self._lost is not None and self._lost[1] in said:
                        what, self._lost = self._lost[0], None
                        if what == "answer":
                            server.sendall(said)
                            server.recv(1 << 16)  # PostgreSQL answers once it has committed
                        return
                    (server if ready is client else client).sendall(said)
