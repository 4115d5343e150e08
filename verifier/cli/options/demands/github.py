"""Whom to believe in the words of `gh attestation verify`: a workflow of GitHub's, by its owner, repository or file.

* each stands for a keyless signer: GitHub's issuer, the workflow's identity, and the certificate's own words for the
  repository, or its owner, that the build was of
* beside `--cert-identity` they add what the certificate must say
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags

ISSUER: Final = "https://token.actions.githubusercontent.com"
_HOST: Final = "https://github.com"
_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_REPOSITORY: Final = rf"{_OWNER}/(?!\.\.?(?:/|\Z))[A-Za-z0-9._-]+"
_WORKFLOW: Final = rf"{_REPOSITORY}/\.github/workflows/[A-Za-z0-9._-]+(?:@refs/[!-)+-~]+)?"


class GitHub(Group):
    """As `gh` has them: an owner or a repository, and a workflow if only one is believed."""

    panel = "Whom to believe"
    owner: str | None = option("--owner", "GitHub: any workflow of a repository of this owner's.", default=None)
    repo: str | None = option("--repo", "GitHub: any workflow of this repository, OWNER/NAME.", default=None)
    signer_workflow: str | None = option(
        "--signer-workflow", "With those: this workflow, OWNER/NAME/.github/workflows/FILE.", default=None
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with that signer, or with what the certificate of the one that is named must say."""
        workflow = _shaped("--signer-workflow", self.signer_workflow, _WORKFLOW, "OWNER/NAME/.github/workflows/FILE")
        owner = _shaped("--owner", self.owner, _OWNER, "a GitHub account")
        repo = _shaped("--repo", self.repo, _REPOSITORY, "OWNER/NAME")
        if owner is None and repo is None:
            if workflow is not None:
                message = "needs --repo or --owner beside it, whose build it signs"
                raise ConfigurationError(message, where="--signer-workflow")
            return flags
        if owner is not None and repo is not None:
            raise ConfigurationError("is said twice: --repo names its owner", where="--owner")
        from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - only for who names one

        about = (("owner", f"{_HOST}/{owner}"),) if repo is None else (("repository", f"{_HOST}/{repo}"),)
        if flags.keyless is None:
            identity = f"{repo or owner}/*" if workflow is None else workflow if "@" in workflow else f"{workflow}@*"
            return replace(flags, keyless=KeylessIdentity(issuer=ISSUER, identity=f"{_HOST}/{identity}", claims=about))
        if workflow is not None:
            raise ConfigurationError("and --cert-identity both say who signs: give one", where="--signer-workflow")
        return replace(flags, keyless=replace(flags.keyless, claims=about))


def _shaped(flag: str, text: str | None, shape: str, expected: str) -> str | None:
    if text is not None and not re.fullmatch(shape, text, re.ASCII):
        raise ConfigurationError(f"must be {expected}, not {text!r}", where=flag)
    return text
