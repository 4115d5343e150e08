"""Where an agent listens: at a path, or at the sockets that systemd hands over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.agent.listening import Listening

_FIRST_HANDED_OVER = 3
"""SD_LISTEN_FDS_START, sd_listen_fds(3)."""


def listening(path: Path | None, group: int | None) -> list[Listening]:
    """The sockets; raises `ConfigurationError` where there is none."""
    from verifier.agent.listening import listen_at, listening_already  # noqa: PLC0415 - for who stays

    handed = os.environ.get("LISTEN_FDS", "0") if os.environ.get("LISTEN_PID") == str(os.getpid()) else "0"
    count = int(handed) if handed.isascii() and handed.isdigit() and len(handed) <= 3 else 0
    if path is not None:
        return [listen_at(path, group)]
    if not count:
        hint = "Name one, as in --socket /run/verifier/agent.sock; or let systemd hand one over."
        raise ConfigurationError("is missing", where="--socket", hint=hint)
    return [listening_already(_FIRST_HANDED_OVER + each) for each in range(count)]
