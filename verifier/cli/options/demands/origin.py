"""Where something was built, as a keyless signer: what GitHub's options and GitLab's come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags

_REF: Final = r"refs/(?:heads|tags|pull|merge-requests)/[!-~]+"


class Origin(Value):
    """A place of builds: its issuer, the identity (a glob), the claim about whose build it was, and the ref of it, None
    for any. `narrowed` is whether one workflow was named."""

    issuer: str
    identity: str
    about: tuple[str, str]
    ref: str | None
    narrowed: bool

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with that signer, or with what the certificate of the one that is named must say."""
        from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - only for who names one

        claims = (self.about, *((("ref", self.ref),) if self.ref is not None else ()))
        if flags.keyless is None:
            keyless = KeylessIdentity(issuer=self.issuer, identity=self.identity, claims=claims)
            return replace(flags, keyless=keyless)
        if self.narrowed:
            raise ConfigurationError("and --cert-identity both say who signs: give one", where="--workflow")
        return replace(flags, keyless=replace(flags.keyless, claims=claims))


def shaped(flag: str, text: str | None, shape: str, expected: str, hint: str = "") -> str | None:
    """`text`; raises `ConfigurationError` where it has not the shape of what is expected."""
    if text is not None and not re.fullmatch(shape, text, re.ASCII):
        if "*" in text and not hint:
            hint = "One is named: who believes many says so in a policy ([signers.NAME.keyless])."
        raise ConfigurationError(f"must be {expected}, not {text[:200]!r}", where=flag, hint=hint)
    return text


def require_ref(text: str | None) -> str | None:
    """The ref, in full; raises `ConfigurationError` for a name that may be a branch's or a tag's."""
    if text is None or re.fullmatch(_REF, text, re.ASCII):
        return text
    plain = re.fullmatch(r"[A-Za-z0-9._/-]{1,100}", text, re.ASCII)
    hint = f"Write refs/heads/{text}, or refs/tags/{text} for a tag." if plain and not text.startswith("refs") else ""
    raise ConfigurationError(
        f"must be a whole ref, as in refs/heads/main, not {text[:200]!r}", where="--ref", hint=hint
    )
