"""One call for those who load bundles, or judge images, from Python; `engine.Request` is the same, everything said."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.document import Document
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import replace
from verifier.core.version import VERSION
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.engine.verification import Verification, required
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.absent import ledger_of
from verifier.net.access import Access
from verifier.rego.built_in import BuiltInEngine
from verifier.sources.content import Remote
from verifier.sources.place import Place
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger
    from verifier.rego.interface import RegoEngine, RuleEngine


def verify(  # noqa: PLR0913 - keyword-only, as on the command line
    source: bytes | Path,
    *,
    name: str,
    policy: TrustPolicy,
    ledger: Ledger | None = None,
    record: bool = False,
    attestations: Sequence[Document] = (),
    previous: Sequence[bytes | Path | Remote] = (),
    previous_attestations: Sequence[Document] = (),
    previous_may_be_absent: bool = False,
    resource_uri: str = "",
    rego: RegoEngine | None = None,
    judges: Mapping[str, RuleEngine] | None = None,
    now: datetime | None = None,
    correlation_id: str | None = None,
    verifier_id: str = VERIFIER_ID,
) -> Verification:
    """Verify a Rego bundle: its bytes, or a path to an archive or a directory.

    Where the verdict is PASSED, `content` holds the verified bytes; load those. `ledger` is what the version is
    compared with; with `record`, the decision is written into it and an acceptance counts only once it is.
    `previous` is what is published now, which it must be above, or be (docs/ci.md). `rego` compiles the modules; by
    default the built-in compiler does, in a child process, and what it finds is remembered in this process
    (`BuiltInEngine(folder=...)`: in that folder). Where the policy has rules in Rego that OPA judges by, `judges` says
    which: `{"opa": OpaRules(executable="/usr/local/bin/opa")}` (`verifier.rego.organisation.opa_rules`). `now` (aware)
    is for audits and tests. Raises `ConfigurationError` for a `record` without a ledger, and for a policy whose floor
    its version scheme cannot read; never for what it reads.
    """
    started = time.perf_counter()
    request = Request(
        source=source,
        name=name,
        policy=policy,
        now=now or datetime.now(UTC),
        correlation_id=correlation_id or os.urandom(16).hex(),
        resource_uri=resource_uri,
        attestations=tuple(attestations),
        previous=tuple(previous),
        previous_attestations=tuple(previous_attestations),
        previous_may_be_absent=previous_may_be_absent,
        ledger=ledger_of(ledger),
        record=record,
        rego=rego or BuiltInEngine(),
        judges=judges or {},
        verifier_id=verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )
    verification = verify_artifact(request)
    took = round((time.perf_counter() - started) * 1000)
    return replace(verification, verdict=replace(verification.verdict, duration_ms=took))


def open_image(reference: str, *, access: Access | None = None, limits: Limits = DEFAULT_LIMITS) -> Place:
    """The place of an image: `registry/repository:tag` or `…@sha256:…`, `oci-layout:DIR`, `oci-archive:FILE`; close it.

    `access` says how a registry is reached, by default without credentials. Connects to nothing yet. Raises
    `ConfigurationError` for what is no reference, `Refused` where something local cannot be opened.
    """
    from verifier.sources.places import open_place  # noqa: PLC0415 - whoever has a place already needs none of it

    return open_place(reference, access=access or Access(), limits=limits)


def verify_image(  # noqa: PLR0913 - keyword-only, as on the command line
    place: Place,
    *,
    name: str,
    policy: TrustPolicy,
    wish: ImageWish | None = None,
    ledger: Ledger | None = None,
    record: bool = False,
    attestations: Sequence[Document] = (),
    resource_uri: str = "",
    judges: Mapping[str, RuleEngine] | None = None,
    now: datetime | None = None,
    correlation_id: str | None = None,
    verifier_id: str = VERIFIER_ID,
) -> Verification:
    """Verify a container image, or an index: what `place` (`open_image`) stands for.

    Where the verdict is PASSED, `verdict.subject.digest` is what to run, and `content` its manifest. `wish` is what is
    asked for of it: one platform, how much of the layers, who searches for secrets (`ImageWish`). `attestations` are
    given beside those that lie where the image does. The rest is as for `verifier.verify`. Raises `ConfigurationError`
    for a `record` without a ledger; never for what it reads.
    """
    if isinstance(place, str):
        raise ConfigurationError("is a reference, expected a place", where="place", hint="Give open_image(reference).")
    started = time.perf_counter()
    request = Request(
        kind="image",
        source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
        name=name,
        policy=policy,
        image=wish,
        ledger=ledger_of(ledger),
        record=record,
        attestations=tuple(attestations),
        resource_uri=resource_uri,
        judges=judges or {},
        now=now or datetime.now(UTC),
        correlation_id=correlation_id or os.urandom(16).hex(),
        verifier_id=verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )
    verification = verify_artifact(request)
    took = round((time.perf_counter() - started) * 1000)
    return replace(verification, verdict=replace(verification.verdict, duration_ms=took))


require = required(verify)
"""The verified bytes of what `verify` accepts; raises `Denied`, with the verdict, for what it does not."""
