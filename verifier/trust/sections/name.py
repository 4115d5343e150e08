"""`name` and `name_binding`: what says that an artifact is the one whose name it is given out under.

* a signer signs for many names: without a binding, what was signed for one name passes under another
* a rule binds the name by `name`, or by `signatures.scope` where it is for one name alone; else what is signed may
  still say the name, and where it does not, every report warns of it (`checks.names`)
* two rules that share a signer and do not tell their artifacts apart are named, pair by pair
* to go without says so: `name_binding = "none"`
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.signers.signer import Signer, key_of
from verifier.trust.kinds import kind_in
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.vocabulary import METADATA

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

SCOPE, ATTESTATION, ROOTS = "signature.scope", "attestation", "manifest.roots"
_IN_BUNDLES = (SCOPE, ROOTS, METADATA)
_MOST_PAIRS = 20
"""Pairs of one rule that are named one by one."""


class NameRule(RuleSection):
    """Where the artifact's name stands, and what must stand there: by default the name itself.

    `source` is as in the policy ("signature.scope", "manifest.metadata.app.name"); None with `name_binding = "none"`.
    """

    name: ClassVar[str] = "name"
    keys: ClassVar[tuple[str, ...]] = ("name.from", "name.equals", "name_binding")
    judged: ClassVar[bool] = True

    source: str | None = None
    equals: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> NameRule:
        if "name_binding" in rule.values:
            rule.choice("name_binding", ("none",))
            if "name" in rule.values:
                raise rule.error("name_binding", "contradicts `name`, which binds it")
            return cls()
        table, pattern = cls.table_in(rule, "name"), str(rule.path[-1])
        source = table.required_text("from", _check_source)
        if source.startswith(_IN_BUNDLES) and kind_in(pattern) != "bundle":
            raise table.error("from", f"is {source!r}, which only policy bundles have")
        equals = table.optional_text("equals")
        if equals is not None and pattern.endswith("*"):
            hint = "Leave it out: what stands there is then compared with the artifact's own name."
            raise table.error("equals", f"would be the same for every name that {pattern} matches", hint)
        return cls(source=source, equals=equals)

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.source is None:
            yield f"{rule.pattern}: nothing need say its name, so that what was signed for another passes as it."
        else:
            equals = repr(self.equals) if self.equals is not None else "its name"
            yield f"{rule.pattern}: its {self.source} must say {equals}."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        if binding_of(rule) is None:
            more = ", or `scope` in `signatures`" if kind_in(rule.pattern) == "bundle" else ""
            yield (
                "nothing binds the name: what these signers signed for another name passes as this one; give "
                f"`name`{more}"
            )
        others = policy.artifacts[policy.artifacts.index(rule) + 1 :]
        alike = [(other, _shared(rule, other, policy)) for other in others if _mistakable(rule, other)]
        pairs = [(other, shared) for other, shared in alike if shared is not None]
        for other, shared in pairs[:_MOST_PAIRS]:
            yield f"shares the signer {shared} with {other.pattern}, and nothing tells their artifacts apart"
        if len(pairs) > _MOST_PAIRS:
            yield f"shares signers with {len(pairs) - _MOST_PAIRS} more rules likewise"

    @classmethod
    def starter(cls, kind: str) -> str:
        source = {"bundle": SCOPE, "artifact": ATTESTATION}.get(kind)
        if source is None:
            return ""
        return f'name = {{ from = "{source}" }}'.ljust(60) + "# signed for another name is not this one\n"


def binding_of(rule: ArtifactRule) -> tuple[str, str] | None:
    """Where the rule has the name from, and what must stand there; None where it does not say.

    A scope that every name of a pattern shares tells none of them from the others.
    """
    given, scope = NameRule.given(rule), SignatureRule.of(rule).scope
    exact = not rule.pattern.endswith("*")
    if given is not None and given.source is not None:
        return given.source, given.equals if given.equals is not None else rule.pattern.partition(":")[2]
    return (SCOPE, scope) if scope is not None and exact else None


def _mistakable(one: ArtifactRule, other: ArtifactRule) -> bool:
    """Whether what was signed for one of the two may pass as the other's."""
    first, second = binding_of(one), binding_of(other)
    if first is None or second is None:
        return True
    if first[0] != second[0]:
        return False  # each demands what the other does not have to have: whether it has, its signer decides
    if first[0] == ROOTS:
        return any(_within(a, b) for a, b in ((first[1], second[1]), (second[1], first[1])))
    return first[1] == second[1]


def _within(root: str, other: str) -> bool:
    return f"{root.strip('/')}/".startswith(f"{other.strip('/')}/") or not other.strip("/")


def _shared(one: ArtifactRule, other: ArtifactRule, policy: TrustPolicy) -> str | None:
    """The first signer of `one` whose signatures the other rule counts too, under whatever name."""
    theirs = [policy.signers[name] for name in SignatureRule.of(other).from_]
    mine = (policy.signers[name] for name in SignatureRule.of(one).from_)
    return next((signer.name for signer in mine if any(_same(signer, each) for each in theirs)), None)


def _same(one: Signer, other: Signer) -> bool:
    if one.keyless is None or other.keyless is None:
        return key_of(one) == key_of(other)
    if not set(one.keyless.issuers()).intersection(other.keyless.issuers()):
        return False
    return any(_overlap(a, b) for a in one.keyless.globs() for b in other.keyless.globs())


def _overlap(first: str, second: str) -> bool:
    if "*" not in first and "*" not in second:
        return first == second
    # Both may match one identity unless what they begin or end with keeps them apart.
    heads = first.partition("*")[0], second.partition("*")[0]
    tails = first.rpartition("*")[2], second.rpartition("*")[2]
    return (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])) and (
        tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])
    )


def _check_source(text: str) -> str:
    places = text.removeprefix(METADATA).split(".") if text.startswith(METADATA) else None
    if text not in {SCOPE, ATTESTATION, ROOTS} and not (places and all(places)):
        raise ValueError(f"must be {SCOPE}, {ATTESTATION}, {ROOTS} or {METADATA}<path>, not {text!r}")
    return text
