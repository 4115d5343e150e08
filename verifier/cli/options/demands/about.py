"""What a verdict must be about, as whoever asks has it: never as the verdict does."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import inputs
from verifier.cli.options.option import Group, option
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.trust.evaluate import ledger_scope, resource_uri_of, rule_for
from verifier.trust.kinds import KINDS
from verifier.trust.model import TrustPolicy


class About(Group):
    """The artifact that the verdict must be about: itself, or its digest; and what it is called here."""

    panel = "What it is about"
    subject: Path | None = option("--subject", "The artifact it must be about.", default=None)
    subject_digest: str | None = option("--subject-digest", "Its digest instead, as in sha256:HEX.", default=None)
    kind: str = option("--kind", "What it is: bundle, image or artifact.", default="bundle")
    name: str | None = option("--name", "Its name (default: by --resource-uri, else its file's).", default=None)
    scope: str | None = option(
        "--scope", "The ledger's scope, as in bundle:authz (default: by its name).", default=None
    )

    def content(self) -> bytes | Digest | Refused:
        """It, or its digest where that is given, or why the artifact cannot be read."""
        from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
        from verifier.sources.content import read_content  # noqa: PLC0415

        if (self.subject is None) == (self.subject_digest is None):
            message = "give the artifact or its digest: --subject or --subject-digest"
            raise ConfigurationError(message, where="--subject")
        if self.subject is None:
            return inputs.digest(self.subject_digest or "", where="--subject-digest")
        try:
            return read_content(self.subject, limits=DEFAULT_LIMITS)
        except Refused as refusal:
            return refusal.kept()

    def called(self, resource_uri: str, policy: TrustPolicy) -> str | None:
        """`kind:name` as the consumer has it, None where nothing says; the verdict is never asked."""
        if self.kind not in KINDS:
            raise ConfigurationError(f"must be one of {', '.join(KINDS)}, not {self.kind!r}", where="--kind")
        if self.name is not None:
            return f"{self.kind}:{self.name}"
        if self.scope is not None:
            return self.scope.partition("@")[0]
        if resource_uri.partition(":")[0] in KINDS:
            return resource_uri
        exact = [rule.pattern for rule in policy.artifacts if resource_uri_of(rule) == resource_uri]
        if len(exact) == 1 and not exact[0].endswith("*"):
            return exact[0]
        if self.subject is None:
            return None
        from verifier.cli import references  # noqa: PLC0415 - only for who leaves it to the file's name

        return f"{self.kind}:{references.name_of(str(self.subject))}"


def rule_that_applies(reference: str | None, policy: TrustPolicy) -> Digest | Refused:
    """The digest of the rule for `reference`, or why there is none."""
    hint = "Say which artifact it is: --kind and --name."
    if reference is None:
        message = f"nothing says which artifact it is, so that no rule of {policy.id} can be told to apply"
        return refuse("trust.no-policy", "verdict", message, hint)
    rule = rule_for(policy, *_parts(reference))
    if rule is None:
        return refuse("trust.no-policy", reference, f"no [artifacts] pattern of {policy.id} matches {reference}", hint)
    from verifier.trust.effective import rule_digest  # noqa: PLC0415 - only beside a policy file

    return rule_digest(policy, rule)


def _parts(reference: str) -> tuple[str, str]:
    kind, _, name = reference.partition(":")
    return kind, name


def scope_of(reference: str | None, policy: TrustPolicy) -> str:
    """Where a ledger keeps what `reference` names."""
    return "" if reference is None else ledger_scope(rule_for(policy, *_parts(reference)), *_parts(reference))
