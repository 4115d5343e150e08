"""`verify preload`: the runtime hook, decided by a verdict; the verified bytes are written, or nothing is.

The groups that `decide` takes are the command's options.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output, settings
from verifier.cli.documents import document, documents
from verifier.cli.judging import engines
from verifier.cli.judging.agent import NOBODY, Asking
from verifier.cli.options.answer import Answer, timed
from verifier.cli.options.ledger import Advancing
from verifier.cli.options.named import Named
from verifier.cli.options.outputs import outputs
from verifier.cli.preload.handing_on import answer_beside, hand_on
from verifier.cli.preload.hook import Hook
from verifier.engine.verification import Verification
from verifier.files.lock import turn_to_write
from verifier.files.output import OutputKind
from verifier.formats.verdict.dossier import Dossier
from verifier.loading.preload import preload

if TYPE_CHECKING:
    from verifier.cli.judging.by_agent import Answered
    from verifier.ledger.interface import Ledger
    from verifier.trust.model import TrustPolicy

_ONLY_FOR_ITS_LOADER = 0o400


def decide(hook: Hook, named: Named, ledger: Advancing, answer: Answer, asking: Asking = NOBODY) -> int:
    """Decide whether a bundle may be loaded now, by the verdict that CI made, and hand on the verified bytes."""
    started = time.perf_counter()
    places = outputs(hook, named, ledger, answer)
    out = None if hook.out is None else places.place("--out", hook.out, OutputKind.LOADED)
    reports = answer.places(places)
    with turn_to_write(hook.out) if hook.out else nullcontext():
        answered = None if asking.agent is None else _by_agent(asking, hook, named, ledger, answer)
        if answered is None:
            preloaded = _decided(hook, named, ledger, answer)
            content = preloaded.content
        else:
            content = answered.content
        if out is not None and content is not None:
            out.write(content, mode=_ONLY_FOR_ITS_LOADER)
    with answer_beside(hook.program):
        if answered is not None:
            output.rendered(answered.report, answer.style)
            status = answered.status
        else:
            verdicts, references = (timed(preloaded.verdict, started),), (str(hook.artifact),)
            status = answer.report(Dossier(verdicts=verdicts, references=references), reports)
    if hook.program is not None and content is not None and status == output.EXIT_ACCEPTED:
        return hand_on(hook.program, hook.words, content)
    return status


def _by_agent(asking: Asking, hook: Hook, named: Named, ledger: Advancing, answer: Answer) -> Answered | None:
    from verifier.cli.preload.asking import asked  # noqa: PLC0415 - only where there is one

    return asked(asking, hook, named, ledger, answer)


def _decided(hook: Hook, named: Named, ledger: Advancing, answer: Answer) -> Verification:
    """The decision of this process."""
    moment, correlation_id = answer.moment(), answer.correlation()
    policy = inputs.policy_file(hook.policy)
    with ledger.opened() as store:
        load = _loader(hook.cache, policy, store)
        return load(
            hook.artifact,
            document(hook.verdict),
            name=named.name or inputs.name_of(str(hook.artifact)),
            resource_uri=named.resource_uri or "",
            now=moment,
            correlation_id=correlation_id,
            levels=hook.level,
            fallback=hook.fallback,
            attestations=documents(hook.attestation),
            record=ledger.record,
        )


def _loader(folder: Path | None, policy: TrustPolicy, ledger: Ledger) -> Callable[..., Verification]:
    """The hook, which remembers what it has found where there is a cache."""
    if folder is None:
        compiled = settings.default_compiled_folder()
        return lambda artifact, verdict, **asked: preload(
            artifact, policy, verdict, ledger, compiled=compiled, judges=engines.judges(policy), **asked
        )
    from verifier.loading.cache.store import Cache  # noqa: PLC0415 - only where there is one
    from verifier.loading.loader import Loader  # noqa: PLC0415 - as above

    return Loader(policy, ledger, cache=Cache(folder), judges=engines.judges(policy)).load
