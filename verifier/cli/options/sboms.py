"""Bills of materials of the artifact, which attestations beside it hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.documents import documents
from verifier.cli.options.option import Group, option
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags
    from verifier.trust.model import TrustPolicy


class Sboms(Group):
    """The documents that are to be judged. Without a policy file, that some are given asks for them."""

    panel = "Name and evidence"
    sbom: tuple[str, ...] = option(
        "--sbom",
        "An SBOM of it that an attestation holds: it must be signed and true; repeatable.",
        default=(),
        metavar="FILE",
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with whether there has to be one."""
        return replace(flags, sbom=bool(self.sbom))

    def given(self, policy: TrustPolicy) -> tuple[Document, ...]:
        """The documents; raises `ConfigurationError` where no rule of `policy` would look at them."""
        if self.sbom and all(rule.section("sbom") is None for rule in policy.artifacts):
            hint = "Give the rule a section `sbom`, or leave --sbom away."
            raise ConfigurationError("no rule of the policy asks for an SBOM", where="--sbom", hint=hint)
        found = documents(self.sbom)
        for each in found:
            if isinstance(each, Refused):
                raise ConfigurationError(each.reasons[0].message, where=f"--sbom: {each.reasons[0].subject}")
        return tuple(each for each in found if isinstance(each, Document))
