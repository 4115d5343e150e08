"""The command that would verify what was inspected.

* whom to believe nobody can read in the artifact itself: a key or an identity is a placeholder, whatever is claimed
* what the artifact states and the command needs is filled in, where it is one plain word; the person is told to look
* every word is quoted for a shell; a text with what no terminal shows is a placeholder
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final

from verifier.core.text.shown import shown
from verifier.files.descriptor import STANDARD_INPUT
from verifier.inspecting.inspected import Check, Claim

KEY: Final = ("KEY.pub", "the publisher's public key, got from the publisher and not from beside the artifact")
IDENTITY: Final = (
    "IDENTITY",
    "who has to have signed it, as the publisher says elsewhere; compare with what is claimed",
)
ISSUER: Final = ("ISSUER", "who vouches for that identity, likewise")
POLICY: Final = ("POLICY.toml", "your trust policy: `verify trust init` writes one")
DATABASE: Final = ("ADVISORIES.db", "a database of records: `verify audit db import` makes one")
ARTIFACT: Final = ("FILE", "the artifact that it is about")
_STREAMS: Final = ("/dev/fd/", "/proc/self/fd/")
"""What a shell hands over is read once."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/:@+=,%~ ()-]+\Z", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"[A-Z][A-Z_]*(?:\.[a-z]+)?\Z")


def check(*words: str, unknown: Iterable[tuple[str, str]] = ()) -> Check:
    """A command, and its placeholders."""
    return Check(words=("verify", *words), unknown=tuple(dict.fromkeys(unknown)))


def told(text: str) -> str | None:
    """`text` as the value of an option; None where it is no plain text, or could be taken for an option."""
    return text if _PLAIN.match(text) and not text.startswith("-") and len(text) <= 256 else None


def reference_word(reference: str) -> str:
    """A reference as it is typed again; a placeholder where it holds a secret, or what no terminal shows."""
    if reference == STANDARD_INPUT:
        return "-"
    if not reference or reference.startswith(_STREAMS) or not reference.isprintable() or shown(reference) != reference:
        return "REF"
    return f"./{reference}" if reference.startswith("-") else reference


def line(made: Check) -> str:
    """The command as one line for a POSIX shell."""
    unknown = {name for name, _ in made.unknown}
    return " ".join(each if each in unknown and _PLACEHOLDER.match(each) else shlex.quote(each) for each in made.words)


def believing(claims: Iterable[Claim]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Options that say whom to believe, by what kind of signature there is, and their placeholders."""
    signatures = [each for claim in claims for each in claim.signatures]
    if any(each.identity for each in signatures):
        words = ("--certificate-identity", IDENTITY[0], "--certificate-oidc-issuer", ISSUER[0])
        return words, (IDENTITY, ISSUER)
    return ("--key", KEY[0]), (KEY,)


def option(flag: str, text: str | None) -> tuple[str, ...]:
    """An option with a value that the artifact states, where that is plain."""
    plain = told(text) if text else None
    return () if plain is None else (flag, plain)
