"""What was seen in something that nobody has verified: values that are shown, and that decide nothing.

* every text in here is whatever somebody wrote: who shows it escapes it
* who signed is a claim (`Claim`, `Signature`): no key, certificate or log entry in here was verified
* what could not be read is there with its reason (`faults`), and what is there beside it is shown all the same
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.outcome import Reason
from verifier.core.value import Value, field

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue
    from verifier.sources.place import Place

MAX_ROWS: Final = 10_000
"""Rows of one list that are kept; how many there are is said."""


class Fact(Value):
    """One thing that is stated: its name in a few words, and a text, number, truth value or list of texts."""

    name: str
    value: JsonValue


class Listing(Value):
    """Many things of one kind, such as files: `columns` are names, each row has a value for each. `count` is how many
    there are, of which `rows` are the first."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...] = field(repr=False)
    count: int


class LogClaim(Value):
    """An entry that a transparency log is said to have: where, since when (None where nobody says), and what kind."""

    index: int
    log_id: str
    kind: str
    time: datetime | None = None


class Signature(Value):
    """One signature, as it describes itself; what it does not say is "" or None.

    `fingerprint` is the SHA-256 of the SubjectPublicKeyInfo, in hex, of the key that the certificate or the log entry
    holds. `signed_time` is the signer's own word. `certificate` are further claims of the certificate, by name.
    """

    form: str
    kid: str = ""
    algorithm: str = ""
    fingerprint: str = ""
    key: bytes | None = field(default=None, repr=False)
    identity: str = ""
    issuer: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    certificate: tuple[tuple[str, str], ...] = ()
    logs: tuple[LogClaim, ...] = ()
    timestamps: tuple[datetime, ...] = ()
    signed_time: datetime | None = None
    expires: datetime | None = None
    scope: str = ""
    covers: int | None = None


class Stated(Value):
    """A statement (in-toto), or what stands in the place of one: its type, what it is about, and what it says."""

    predicate_type: str
    subjects: tuple[tuple[str, tuple[Digest, ...]], ...]
    facts: tuple[Fact, ...] = ()


class Claim(Value):
    """One document that claims to be signed. `where` names it; `digest` is what it says of the artifact where that is
    all; `faults` say why it could not be read."""

    where: str
    form: str
    signatures: tuple[Signature, ...] = ()
    stated: Stated | None = None
    digest: Digest | None = None
    faults: tuple[Reason, ...] = ()


class Node(Value):
    """A place in a tree of manifests, and what hangs on it."""

    name: str
    what: str = ""
    digest: Digest | None = None
    size: int | None = None
    children: tuple[Node, ...] = ()


class Check(Value):
    """The command that would verify it: its words, and what its placeholders stand for."""

    words: tuple[str, ...]
    unknown: tuple[tuple[str, str], ...] = ()


class Given(Value):
    """What is to be described: as it was typed, its bytes, and where it lies if that can be asked.

    `form` is what it was recognised as. `reference` is "" for what has none.
    """

    reference: str
    name: str
    content: bytes = field(default=b"", repr=False)
    form: str = ""
    path: Path | None = None
    place: Place | None = None
    limits: Limits = DEFAULT_LIMITS


class Described(Value):
    """What one kind of thing says of itself."""

    what: str
    check: Check
    facts: tuple[Fact, ...] = ()
    listings: tuple[Listing, ...] = ()
    claims: tuple[Claim, ...] = ()
    tree: Node | None = None
    faults: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    digest: Digest | None = None
    size: int | None = None
    kind: str = ""


class Inspected(Value):
    """The answer: what it is (`kind` is a row of `inspecting.table`), its size and digest where it has one, and what it
    says. Nothing of it is verified. `complete` says that all of it could be read."""

    reference: str
    kind: str
    what: str
    size: int | None
    digest: Digest | None
    described: Described

    @property
    def complete(self) -> bool:
        """Whether everything that was looked at could be read."""
        return not self.described.faults and not any(each.faults for each in self.described.claims)

    @property
    def faults(self) -> tuple[Reason, ...]:
        """Why what could not be read could not."""
        return (*self.described.faults, *(fault for each in self.described.claims for fault in each.faults))


def listing(name: str, columns: tuple[str, ...], rows: list[tuple[JsonValue, ...]]) -> Listing:
    """A list of bounded length."""
    return Listing(name=name, columns=columns, rows=tuple(rows[:MAX_ROWS]), count=len(rows))


def facts(**said: JsonValue | Sequence[str]) -> tuple[Fact, ...]:
    """Facts by their names, `_` for a space; what is None, "" or an empty list is not said."""
    plain = {name: _plain(value) for name, value in said.items()}
    return tuple(
        Fact(name=name.replace("_", " "), value=value)
        for name, value in plain.items()
        if value is not None and value not in ("", [])
    )


def _plain(value: JsonValue | Sequence[str]) -> JsonValue:
    return value if isinstance(value, str | int | float | dict | None) else list(value)
