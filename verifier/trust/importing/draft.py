"""What was understood of another tool's policy: signers and rules, and what is to be said of each.

* whatever has no equal here is a remark, and is said: in the policy beside what it is about, and to whoever imports
* a rule that would let more pass than its source is denied (`is_denied`) until somebody accepts that by name
* an alternative that cannot be imported is left out: fewer signers can only make it stricter
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from verifier.core.value import Value, field, replace
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError, PublicKeyText
from verifier.trust import vocabulary

Effect = Literal["weaker", "stronger", "not imported", "the same"]

MAX_DOCUMENT_BYTES: Final = 1024 * 1024
"""Bytes of what is imported: the largest policies of clusters have some tens of kilobytes."""
MAX_DOCUMENTS: Final = 100
MAX_ITEMS: Final = 1_000
"""Rules, signers and entries of one list."""
_LONGEST: Final = 60
_PLAIN: Final = re.compile(r"[^a-z0-9]+")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]{1,40}-----[^-]{1,40000}-----END [A-Z ]{1,40}-----")


class Remark(Value):
    """What has no equal: where it stands in the source, what that means here, and whether that lets more or less pass.

    "not imported" is left out, and what is left is no weaker for it.
    """

    effect: Effect
    where: str
    message: str


class Party(Value):
    """A signer: the lines of its table. `key` is the file that it names and its content, if it is to be written."""

    name: str
    lines: tuple[str, ...]
    key: tuple[str, bytes] | None = field(default=None, repr=False)
    remarks: tuple[Remark, ...] = ()

    @property
    def is_weaker(self) -> bool:
        """Whether it counts where it did not count in the source."""
        return any(each.effect == "weaker" for each in self.remarks)


class Wanted(Value):
    """A rule. `threshold` of `parties` must have signed; `lines` are further ones of its table, `tables` of tables
    below it. `origin` is what it comes from: rules of one origin are alternatives, those of several must all hold."""

    pattern: str
    origin: str
    parties: tuple[Party, ...] = ()
    threshold: int = 1
    signatures: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_weaker(self) -> bool:
        """Whether it would let more pass than its source, whoever signed."""
        return any(each.effect == "weaker" for each in self.remarks)

    def counted(self, *, accept_weaker: bool) -> tuple[Party, ...]:
        """Those who may sign: without the others it is the stricter for it."""
        return self.parties if accept_weaker else tuple(each for each in self.parties if not each.is_weaker)

    def is_denied(self, *, accept_weaker: bool) -> bool:
        """Whether everything is denied under it."""
        if self.is_weaker and not accept_weaker:
            return True
        return len(self.counted(accept_weaker=accept_weaker)) < max(self.threshold, 1)


class Draft(Value):
    """A whole policy. `tables` are others than signers and rules, such as builders."""

    source: str
    rules: tuple[Wanted, ...]
    tables: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def parties(self) -> tuple[Party, ...]:
        """Every signer, once."""
        return tuple({each.name: each for rule in self.rules for each in rule.parties}.values())

    def all_remarks(self) -> list[Remark]:
        """Everything that is to be said, once."""
        of_rules = [remark for rule in self.rules for remark in rule.remarks]
        of_parties = [remark for party in self.parties for remark in party.remarks]
        return list(dict.fromkeys((*self.remarks, *of_rules, *of_parties)))


class Names:
    """Names that are given once each: plain, and the same for the same source."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """A name that nothing has yet."""
        plain = _PLAIN.sub("-", wanted.lower()).strip("-")[:_LONGEST].strip("-") or "signer"
        name = plain
        while name in self._given:
            self._given[plain] += 1
            name = f"{plain}-{self._given[plain]}"
        self._given[name] = 1
        return name


class Origins:
    """What rules come from, told apart where two policies have one name: they are no alternatives of each other."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def fresh(self, name: str) -> str:
        """The name of an origin, with a number behind it where it was there before."""
        self._seen[name] = self._seen.get(name, 0) + 1
        return name if self._seen[name] == 1 else f"{name} ({self._seen[name]})"


def keys_in(text: str) -> tuple[str, ...]:
    """The PEM blocks of a text, one behind the other."""
    return tuple(_PEM.findall(text)[:MAX_ITEMS])


def jws_algorithm(hashed: str | None) -> str:
    """The algorithm of a key that signs with this hash, by cosign's name of it: "" for the key's own.

    A hash that is not known is no algorithm of any key.
    """
    return {"sha256": "", "sha384": "RS384", "sha512": "RS512"}.get((hashed or "sha256").lower(), f"of {hashed}")


def key_party(
    name: str, pem: str, *, where: str, folder: str, algorithm: str = "", remarks: Sequence[Remark] = ()
) -> Party | Remark:
    """A signer by a key that the source holds; a remark where it is no key that counts here."""
    try:
        key = read_public_key(pem.encode() + b"\n")
    except NoPublicKeyError as error:
        return Remark(effect="not imported", where=where, message=f"the key {error}")
    if algorithm and (wrong := _mismatch(key, algorithm)):
        return Remark(effect="not imported", where=where, message=wrong)
    path = f"{folder}/{name}.pub"
    lines = (f"key = {quoted(path)}", *((f'algorithms = ["{algorithm}"]',) if algorithm else ()))
    return Party(name=name, lines=lines, key=(path, key.pem), remarks=tuple(remarks))


def _mismatch(key: PublicKeyText, algorithm: str) -> str:
    try:
        vocabulary.check_algorithms((algorithm,), secret=False)
        vocabulary.check_key_algorithms(key, (algorithm,))
    except ValueError as error:
        return str(error)
    return ""


def keyless_party(  # noqa: PLR0913 - keyword-only, as sources have them
    name: str,
    *,
    where: str,
    issuer: str = "",
    issuer_regexp: str = "",
    identity: str = "",
    identity_regexp: str = "",
    claims: Sequence[tuple[str, str]] = (),
    remarks: Sequence[Remark] = (),
) -> Party | Remark:
    """A keyless signer; a remark where it could be anybody, or is written in what is not taken here."""
    if not (issuer or issuer_regexp) or not (identity or identity_regexp):
        missing = "issuer" if not (issuer or issuer_regexp) else "identity"
        return Remark(effect="not imported", where=where, message=f"it names no {missing}, and so anybody could sign")
    if (issuer and issuer_regexp) or (identity and identity_regexp):
        return Remark(effect="not imported", where=where, message="it is given exactly and as an expression")
    checks = (
        ("issuer", issuer, vocabulary.check_issuer),
        ("issuer_regexp", issuer_regexp, vocabulary.check_issuer_regexp),
        ("identity", identity, vocabulary.check_identity),
        ("identity_regexp", identity_regexp, vocabulary.check_identity_regexp),
    )
    said = []
    for key, text, check in checks:
        if not text:
            continue
        try:
            check(text)
        except ValueError as error:
            return Remark(effect="not imported", where=where, message=f"{key} {error}")
        said.append(f"{key} = {quoted(text)}")
    if claims:
        written = ", ".join(f"{claim} = {quoted(value)}" for claim, value in claims)
        said.append(f"claims = {{ {written} }}")
    more = list(remarks)
    if identity_regexp or issuer_regexp:
        message = "expressions match the whole text here, and a bare dot in a host means a dot"
        more.append(Remark(effect="stronger", where=where, message=message))
    return Party(name=name, lines=(f"keyless = {{ {', '.join(said)} }}",), remarks=tuple(more))


def quoted(text: str) -> str:
    """`text` as a string of TOML."""
    from verifier.trust.template import quote  # noqa: PLC0415 - `template` imports every section

    return quote(text)


def together(rules: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Rules of which the most specific alone counts here, where all that match did there: what that changes is said.

    Of several for one name the first stays, and is weaker for it.
    """
    listed = list(rules)
    kept: dict[str, Wanted] = {}
    for rule in listed:
        other = next((each for each in listed if each.origin != rule.origin and _covers(each, rule)), None)
        kept.setdefault(rule.pattern, rule if other is None else _alone(rule, other))
    return tuple(kept.values())


def _alone(rule: Wanted, other: Wanted) -> Wanted:
    message = f"{other.origin} matches it too, and both had to hold: here this rule alone counts"
    remark = Remark(effect="weaker", where=rule.origin, message=message)
    return replace(rule, remarks=(*rule.remarks, remark))


def _covers(other: Wanted, rule: Wanted) -> bool:
    if other.pattern == rule.pattern:
        return True
    return other.pattern.endswith("*") and rule.pattern.startswith(other.pattern[:-1])
