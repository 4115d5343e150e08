"""What an agent is started with, and what it is given by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.core.verdict import Verdict
from verifier.gateway.events import Observe
from verifier.reports.table import Screen
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine, RuleEngine

MOST_CONNECTIONS: Final = 256
MOST_OF_ONE_USER: Final = 64
"""Connections at once: one user leaves room for others."""
MOST_BYTES: Final = 768 * 1024 * 1024
"""Of artifacts and verdicts that are judged at once: one of the largest that a policy allows by default, and more."""
MOST_BYTES_OF_ONE_USER: Final = 576 * 1024 * 1024
"""One of the largest, with a document: and there is room for others'."""
SWEPT_BYTES: Final = 64 * 1024 * 1024
"""Of what was judged, before what may be left of it is looked for."""
IDLE_S: Final = 2.0
"""For a question, from the moment of the connection: a hook asks at once."""
GRACE_S: Final = 15.0
"""For questions that are being answered when the agent is stopped: longer than a ledger waits for its lock."""
ANSWERING: Final = 4
"""Questions that are judged at the same time: enough for reading and the ledger to overlap."""


class AgentSettings(Value):
    """The policy and the ledger that the agent answers for, and who may ask besides root and its own user.

    `socket` is the path to listen at, None where the system hands over sockets that listen. `ledger_beside` is what the
    environment adds to the URL of a database server.
    """

    socket: Path | None
    policy: Path
    ledger: str
    ledger_beside: tuple[str, ...] = ()
    cache: Path | None = None
    users: frozenset[int] = frozenset()
    group: int | None = None


Render = Callable[[Verdict, str, str, Screen], str]
"""The report about a verdict, for an artifact that is called so, in a format, as it is to be shown."""


class AgentSurroundings(Value):
    """What an agent does not know by itself. `read_policy` tells of each file before it reads it, and of what is to be
    said of one; `render` knows the formats of `styles`; `rego` and `judges` are as in `engine.request.Request`."""

    read_policy: Callable[[Path, Callable[[Path], None], Callable[[Reason], None]], TrustPolicy]
    clock: Callable[[], datetime]
    observe: Observe
    render: Render
    styles: frozenset[str]
    rego: RegoEngine | None = None
    judges: Callable[[TrustPolicy], Mapping[str, RuleEngine]] = lambda _: {}
    new_id: Callable[[], str]
