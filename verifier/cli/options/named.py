"""What an artifact is called, where it comes from, and what lies beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.documents import documents
from verifier.cli.options.option import Group, option
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import replace
from verifier.trust.vocabulary import check_resource, check_stated_uri

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags


def require_no_login(resource_uri: str | None) -> None:
    """Refuse a `--resource-uri` that is no URI, or has a user name or a password in it."""
    if resource_uri is None:
        return
    try:
        check_stated_uri(check_resource(resource_uri))
    except ValueError as error:
        raise ConfigurationError(str(error), where="--resource-uri") from None


class Named(Group):
    """Under which name and place a policy has rules for it."""

    panel = "Name and evidence"
    name: str | None = option("--name", "Name in the policy (default: the file's).", default=None)
    resource_uri: str | None = option(
        "--resource-uri", "Where it is fetched from (default: as in the policy, else the file).", default=None
    )

    def __post_init__(self) -> None:
        """A place that is stated in verdicts holds no secret."""
        require_no_login(self.resource_uri)


class Attested(Named):
    """The same, with the attestations that stand beside it."""

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with whether somebody says the name: the one that a file has may change with each release."""
        return replace(flags, named=self.name is not None)

    attestation: tuple[str, ...] = option(
        "--attestation --signature --bundle",
        "Attestations and signatures, in any form that people have: a file, folder or URL; repeatable.",
        default=(),
        metavar="FILE",
    )

    def attestations(self) -> tuple[Document | Refused, ...]:
        """The documents beside it, or why one cannot be read."""
        return documents(self.attestation)
