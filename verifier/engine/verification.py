"""What a verification ends in: the verdict and, where it is PASSED, the bytes that it is about.

* whoever wants the bytes and nothing else `require`s them, which raises on a denial; none is taken for a yes
* the bytes that are handed on are the bytes that were hashed, in a type that nothing else can make
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, VerifierError
from verifier.core.outcome import Answer
from verifier.core.value import Value, field
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from dataclasses import InitVar
    from typing import ClassVar

P = ParamSpec("P")
_SEAL: Final = object()


class VerifiedBytes(Value):
    """Bytes that were verified, and recorded where recording was asked for. Only this module makes them."""

    digest: Digest
    content: bytes = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a verification can hand on bytes")


class Denied(VerifierError):
    """An artifact was to be handed on and is denied: `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        errors = [reason for reason in verdict.reasons if reason.is_error]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        name = f"{verdict.subject.kind}:{verdict.subject.name}"
        super().__init__(f"{name} is denied: {errors[0].code}: {errors[0].message}{more}")
        self.verdict = verdict
        self.code, self.hint, self.path = errors[0].code, errors[0].hint, name


class Verification(Answer):
    """The verdict and, where it is PASSED and bytes were given, the verified bytes: load these, never a path."""

    asks: ClassVar[str] = "its `verdict.passed`, whether `verified` is None, or `require()`, which raises on a denial"
    verdict: Verdict
    verified: VerifiedBytes | None = None

    def require(self) -> VerifiedBytes:
        """The verified bytes; raises `Denied` where there are none because the artifact may not be used.

        Raises `ConfigurationError` where an artifact that was known by its digest alone may be used.
        """
        if self.verified is not None:
            return self.verified
        if self.verdict.passed:
            raise ConfigurationError("only a digest was verified: there are no bytes to hand on", where="source")
        raise Denied(self.verdict)

    @property
    def content(self) -> bytes | None:
        """The verified bytes themselves, None for a denial."""
        return self.verified.content if self.verified is not None else None


def handed_on(verdict: Verdict, content: bytes | Refused | None) -> Verification:
    """The bytes that `verdict` is about, where it is PASSED and there are any."""
    digest = verdict.subject.digest
    if not verdict.passed or digest is None or content is None or isinstance(content, Refused):
        return Verification(verdict=verdict)
    return Verification(verdict=verdict, verified=VerifiedBytes(digest=digest, content=content, seal=_SEAL))


def required(ask: Callable[P, Verification]) -> Callable[P, VerifiedBytes]:
    """`ask`, which takes the same and hands on the bytes alone; for a denial it raises `Denied`, with the verdict."""

    @wraps(ask)
    def require(*given: P.args, **said: P.kwargs) -> VerifiedBytes:
        return ask(*given, **said).require()

    return require
