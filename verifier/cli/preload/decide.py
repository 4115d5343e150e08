"""`verify preload`: the runtime hook, decided by a verdict; the verified bytes are written, or nothing is.

Nothing here loads typer: `preload_line` reads a plain command line, `preload_command` explains the options.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from verifier.cli import inputs, output, settings, stores
from verifier.cli.documents import document, documents
from verifier.cli.handover import turn
from verifier.core.value import Value
from verifier.engine.verification import Verification
from verifier.loading.preload import preload

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger
    from verifier.trust.model import TrustPolicy

_ONLY_FOR_ITS_LOADER = 0o400


class Choices(Value):
    """What the command line says, under the names of its options."""

    artifact: Path
    verdict: Path
    policy: Path
    name: str | None = None
    resource_uri: str | None = None
    level: tuple[str, ...] = ()
    ledger: str | None = None
    record: bool = True
    fallback: Literal["deny", "full"] = "deny"
    attestation: tuple[str, ...] = ()
    out: Path | None = None
    cache: Path | None = None
    style: Literal["text", "json"] = "text"
    now: str | None = None
    correlation_id: str | None = None


def decide(choices: Choices) -> int:
    """Decide, hand the bytes on, report; the exit status."""
    started = time.perf_counter()
    moment = settings.now(choices.now)
    correlation_id = settings.correlation_id(choices.correlation_id)
    policy = inputs.policy_file(choices.policy)
    with (
        turn(choices.out) if choices.out else nullcontext(),
        stores.opened(choices.ledger, create_missing=False, record=True) as store,
    ):
        load = _loader(choices.cache, policy, store)
        preloaded = load(
            choices.artifact,
            document(choices.verdict),
            name=choices.name or inputs.name_of(str(choices.artifact)),
            resource_uri=choices.resource_uri or "",
            now=moment,
            correlation_id=correlation_id,
            levels=choices.level,
            fallback=choices.fallback,
            attestations=documents(choices.attestation),
            record=choices.record,
        )
        if choices.out is not None and preloaded.verified is not None:
            from verifier.publish.files import replace_file  # noqa: PLC0415 - only for an acceptance

            replace_file(choices.out, preloaded.verified.content, mode=_ONLY_FOR_ITS_LOADER)
    return output.report(inputs.timed(preloaded.verdict, started), choices.style)


def _loader(folder: Path | None, policy: TrustPolicy, ledger: Ledger) -> Callable[..., Verification]:
    """The hook, which remembers what it has found where there is a cache."""
    if folder is None:
        return lambda artifact, verdict, **asked: preload(artifact, policy, verdict, ledger, **asked)
    from verifier.loading.cache.store import Cache  # noqa: PLC0415 - only where there is one
    from verifier.loading.loader import Loader  # noqa: PLC0415 - as above

    return Loader(policy, ledger, cache=Cache(folder)).load
