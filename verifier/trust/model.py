"""Whom we believe about what: the trust policy as values.

* a policy holds everything that a verification needs of it: keys and Rego rules are read with it, never later
* a rule is what its sections say; `trust.sections` has a file for each kind of section, none of which is known here
* `signatures` and `version` are never absent from a rule: what is not ordered says so (`VersionUnchecked`)
* what a rule asks for and this release cannot judge yet is still there to be seen (`evaluate.unevaluated`)

The text form is docs/trust-policy.md; `parse` makes these values from it, `adhoc` from command-line flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.value import Value

if TYPE_CHECKING:
    from typing import ClassVar, Self

    from verifier.core.rego import RegoModule
    from verifier.core.signers.signer import Signer
    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names
    from verifier.trust.tables.builders import BuilderRule
    from verifier.trust.tables.verifiers import VerifierRule


class RuleSection(Value):
    """One section of a rule: the base of its value, and of everything else that is known of such sections.

    `name` is that of its file and of its row in `sections.table`. `keys` are all its keys, with a dot those of its
    tables ("freshness", "signatures.from"). A section that does not say that this release judges it is one that denies
    wherever a rule has it. `unordered` are the fields that are sets, whatever their order in the file; `aside` are
    fields that decide nothing, and so are no part of the effective rule.
    """

    name: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    judged: ClassVar[bool] = False
    unordered: ClassVar[tuple[str, ...]] = ()
    aside: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def given(cls, rule: ArtifactRule) -> Self | None:
        """This section of `rule`, or None where it has none."""
        return next((each for each in rule.sections if isinstance(each, cls)), None)

    @classmethod
    def of(cls, rule: ArtifactRule) -> Self:
        """This section of `rule`, or its defaults; raises `TypeError` where a rule must have it and has not."""
        found = cls.given(rule)
        return cls() if found is None else found

    @classmethod
    def parse(cls, rule: Table, names: Names) -> Self:
        """What `rule` says under these keys, one of which it has; raises `ConfigurationError`."""
        raise NotImplementedError

    @classmethod
    def table_in(cls, rule: Table, key: str) -> Table:
        """The table under `key`, which holds no key but those in `keys`."""
        start = f"{key}."
        return rule.required_table(key, frozenset(each[len(start) :] for each in cls.keys if each.startswith(start)))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        """What `verify trust check` says about it: whole sentences, in which every key that is given shows."""
        raise NotImplementedError

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:  # noqa: ARG003
        """What is weak about it, also where `rule` lacks it."""
        return iter(())

    @classmethod
    def starter(cls, kind: str) -> str:  # noqa: ARG003
        """Its lines in the policy that `verify trust init` writes for an artifact of `kind`."""
        return ""


class ArtifactRule(Value):
    """What is demanded of the artifacts that `pattern` ("bundle:authz", "bundle:team-*") matches.

    `sections` is what the rule has, each kind of section once. A section is asked for by its kind
    (`SignatureRule.of(rule)`); `evaluate` asks for those that only some rules have.
    """

    pattern: str
    sections: tuple[RuleSection, ...]

    def __post_init__(self) -> None:
        names = [each.name for each in self.sections]
        if len(set(names)) != len(names) or not {"signatures", "version"} <= set(names):
            raise ValueError(
                f"{self.pattern} has {', '.join(names)}: each is there once, signatures and version always"
            )

    def section(self, name: str) -> RuleSection | None:
        """The section of this name, or None."""
        return next((each for each in self.sections if each.name == name), None)

    def having(self, section: RuleSection) -> ArtifactRule:
        """This rule with `section` in the place of its own."""
        others = (each for each in self.sections if each.name != section.name)
        return ArtifactRule(pattern=self.pattern, sections=(*others, section))


class TrustPolicy(Value):
    """A trust policy, whole.

    `id` and `digest` (SHA-256 of the file's bytes) are what a verdict names as its policy. `trust_digest` also
    covers every key and Rego file that was read: what a cache must be keyed by, since a key can be exchanged
    without a byte of the policy changing. Paths in the policy are relative to `base_dir`.
    """

    id: str
    digest: Digest
    trust_digest: Digest
    signers: Mapping[str, Signer]
    artifacts: tuple[ArtifactRule, ...]
    builders: tuple[BuilderRule, ...]
    verifiers: tuple[VerifierRule, ...]
    organisation: tuple[RegoModule, ...]
    limits: Limits
    base_dir: str
    sigstore: SigstoreInstance = PRODUCTION

    def with_revoked(self, names: Iterable[str]) -> tuple[Signer, ...]:
        """The signers of these names, in their order, and behind them every revoked signer of the policy.

        A revoked signer proves nothing, but its key must not count under another name that is listened to.
        """
        named = tuple(self.signers[name] for name in names)
        return (*named, *(each for each in self.signers.values() if each.revoked and each not in named))
