"""What a verification ends in: the verdict and, where it is PASSED, the bytes that it is about.

* the bytes that are handed on are the bytes that were hashed, in a type that nothing else can make
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.value import Value, field
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from dataclasses import InitVar

_SEAL: Final = object()


class VerifiedBytes(Value):
    """Bytes that were verified, and recorded where recording was asked for. Only this module makes them."""

    digest: Digest
    content: bytes = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a verification can hand on bytes")


class Verification(Value):
    """The verdict and, where it is PASSED and bytes were given, the verified bytes: load these, never a path."""

    verdict: Verdict
    verified: VerifiedBytes | None = None

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
