"""The socket that hooks connect to: made so that nobody else can use it for an instant, or handed over by the system.

* it has its permissions before it has its name: 0600, or 0660 for a group
* it takes the place of one that nobody listens at any more, in one step; what else stands there is somebody's
* a way to it on which everybody may put another one in its place is refused
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.files.place import exchanges

BACKLOG: Final = 128
"""Connections that the kernel lets wait; further ones are told at once that there is no room."""
_OURS, _OF_A_GROUP = 0o600, 0o660


class Listening:
    """A socket that listens, and the name that it has where it was given one here."""

    def __init__(self, socket_: socket.socket, path: Path | None = None) -> None:
        self.socket, self._path = socket_, path
        self._inode = os.lstat(path).st_ino if path is not None else 0
        socket_.setblocking(False)

    def close(self) -> None:
        """Listen no more, and leave no name behind, but that of another agent that has taken its place."""
        self.socket.close()
        if self._path is not None:
            with suppress(OSError):
                if self._path.lstat().st_ino == self._inode:
                    self._path.unlink()


def listen_at(path: Path, group: int | None) -> Listening:
    """A socket that listens at `path`; `ConfigurationError` where that cannot be."""
    for found in exchanges(path):
        if found.anybody:
            hint = "Put it in a folder of this user's own, as systemd's RuntimeDirectory= makes one."
            raise ConfigurationError(f"{found}: anybody could answer there", where="--socket", hint=hint)
    _require_free(path)
    draft = path.parent / f".{path.name}.{os.urandom(8).hex()}"
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        # Linux gives the name the mode that the socket has when it is bound (unix_bind), less the umask.
        os.fchmod(made.fileno(), _OURS)
        made.bind(str(draft))
        if group is not None:
            os.chown(draft, -1, group)
        draft.chmod(_OURS if group is None else _OF_A_GROUP)
        made.listen(BACKLOG)
        draft.rename(path)
    except (OSError, ValueError) as error:
        made.close()
        with suppress(OSError):
            draft.unlink()
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ConfigurationError(f"{path} cannot be listened at: {reason}", where="--socket") from error
    return Listening(made, path)


def listening_already(descriptor: int) -> Listening:
    """A socket that somebody has made, and that listens: a Unix socket of records; `ConfigurationError` otherwise."""
    where = "ListenSequentialPacket="
    try:
        given = socket.socket(fileno=descriptor)
        listens = given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise ConfigurationError(f"descriptor {descriptor} is no socket: {error.strerror}", where=where) from error
    if (given.family, given.type, bool(listens)) != (socket.AF_UNIX, socket.SOCK_SEQPACKET, True):
        given.detach()
        hint = "Write ListenSequentialPacket=/run/verifier/agent.sock in the unit's [Socket]."
        raise ConfigurationError(f"descriptor {descriptor} is no such socket", where=where, hint=hint)
    os.set_inheritable(descriptor, False)
    return Listening(given)


def _require_free(path: Path) -> None:
    try:
        found = path.lstat()
    except OSError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        message = f"{path} is no socket, and is not replaced"
        raise ConfigurationError(message, where="--socket", hint="Name another place.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC) as probe:
        probe.setblocking(False)
        with suppress(ConnectionRefusedError, FileNotFoundError):
            try:
                probe.connect(str(path))
            except BlockingIOError:  # it listens, and its queue is full
                pass
            except OSError as error:
                if isinstance(error, ConnectionRefusedError | FileNotFoundError):
                    raise
                raise ConfigurationError(f"{path} cannot be tried: {error.strerror}", where="--socket") from error
            hint = "Stop that one, or name another place."
            raise ConfigurationError(f"an agent listens at {path} already", where="--socket", hint=hint)
