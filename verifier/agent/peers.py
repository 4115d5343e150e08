"""Who is at the other end of a Unix socket, as the kernel says (unix(7): SO_PEERCRED), and whether it may ask.

* it is who connected, whoever holds the descriptor now; nothing that is sent says who sends it
* root and the agent's own user may ask, users that were named, and whoever is in the group that was named
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Final, NamedTuple

from verifier.agent.settings import AgentSettings

_CREDENTIALS: Final = struct.Struct("=iII")
"""`struct ucred`."""
_SO_PEERGROUPS: Final = 59
"""asm-generic/socket.h, since Linux 4.13: the supplementary groups; Python has no name for it."""
_MOST_GROUPS: Final = 4096
"""A process has at most 65,536; one with more than these is not looked through."""


class Peer(NamedTuple):
    """A process that has connected."""

    process: int
    user: int
    group: int


def peer_of(connection: socket.socket) -> Peer:
    """Who has connected; raises `OSError`."""
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return Peer(*_CREDENTIALS.unpack(said))


def may_ask(peer: Peer, connection: socket.socket, settings: AgentSettings) -> bool:
    """Whether this peer is answered."""
    if peer.user in {0, os.geteuid(), *settings.users}:
        return True
    return settings.group is not None and settings.group in (peer.group, *_groups(connection))


def _groups(connection: socket.socket) -> tuple[int, ...]:
    try:
        said = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * _MOST_GROUPS)
    except OSError:  # too many, or a kernel that does not know
        return ()
    return tuple(number for (number,) in struct.iter_unpack("=I", said))
