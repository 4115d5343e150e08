"""An agent beside a gateway: in its process, with its policy, ledger and cache, in a thread of its own.

It looks at its policy and ledger before each question by itself; which files these are it learns when it starts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.serve.agent import Staying, made

if TYPE_CHECKING:
    from verifier.gateway.events import Observe
    from verifier.gateway.settings.settings import GatewaySettings


@contextmanager
def beside(gateway: GatewaySettings, socket: Path, observe: Observe) -> Iterator[None]:
    """An agent that answers while the block runs; what was asked by then is answered."""
    server = made(gateway.policy, gateway.ledger, gateway.cache, Staying(socket=socket), observe)
    thread = threading.Thread(target=server.run, name="verify-agent")
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
