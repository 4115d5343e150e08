"""What is asked of the ledger: a candidate, and the policy's rules for versions. Pure values.

* a candidate is hostile: only its types are checked here, its version is ordered by `versions.rules`
* rules are the caller's: what their scheme cannot read is a `ConfigurationError` when they are made
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.versions.jumps import parse_jump
from verifier.versions.schemes import Scheme, order_key
from verifier.versions.state import MAX_EPOCH

FirstUse = Literal["allow", "require-floor", "deny"]


class Unstated(Value):
    """Why an artifact states no version where its rule looks for one, in words that end a sentence."""

    why: str


class Candidate(Value):
    """What wants to be accepted. `version` is hostile text until a scheme orders it.

    `epoch` is None where the artifact states none and is judged in the scope's current one. `signed_time` is
    the newest one that a proven signer states; under the scheme `signed-time` it is also the version
    (`format_rfc3339(signed_time)`). `lacks` is the prefix that its rule demands before a version and that this one
    has not: it is denied, whatever it would order as. Who withdraws one of the `others` withdraws it as well.
    """

    version: str
    scheme: Scheme
    digest: Digest
    epoch: int | None = None
    signed_time: datetime | None = None
    lacks: str = ""
    others: tuple[Digest, ...] = ()

    def __post_init__(self) -> None:
        if self.digest.algorithm != "sha256":
            raise ValueError("a candidate is known by the sha256 of its content")
        if self.epoch is not None and not 0 <= self.epoch <= MAX_EPOCH:
            raise ValueError(f"an epoch is a whole number from 0 to {MAX_EPOCH}, not {self.epoch}")
        if self.signed_time is not None and self.signed_time.tzinfo is None:
            raise ValueError("a signed time without an offset cannot be compared")


class VersionRules(Value):
    """What the trust policy asks of versions; raises `ConfigurationError` for what its scheme cannot read.

    `floor` is the policy's own and binds in every epoch; `max_jump` is read by `versions.jumps`.
    """

    scheme: Scheme
    first_use: FirstUse = "allow"
    floor: str | None = None
    max_jump: str | None = None
    freshness: timedelta | None = None
    skew: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        _configured("floor", self.scheme, self.floor, order_key)
        _configured("max_jump", self.scheme, self.max_jump, parse_jump)
        if self.first_use not in {"allow", "require-floor", "deny"}:
            raise ConfigurationError(f"allow, require-floor or deny, not {self.first_use!r}", where="first_use")
        if self.skew < timedelta(0) or (self.freshness is not None and self.freshness < timedelta(0)):
            raise ConfigurationError("a duration is not negative", where="freshness, skew")


def _configured(name: str, scheme: Scheme, text: str | None, read: Callable[[Scheme, str], object]) -> None:
    if text is None:
        return
    try:
        read(scheme, text)
    except ValueError as error:
        raise ConfigurationError(f"not of scheme {scheme}: {error}", where=name) from error
