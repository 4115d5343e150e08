"""Whom to believe in the words of `gh attestation verify`: a workflow of GitHub's, by its owner, repository or file.

* each stands for a keyless signer: GitHub's issuer, the workflow's identity, and the certificate's own words for the
  repository, or its owner, that the build was of, and for the ref
* beside `--cert-identity` they add what the certificate must say
* what is left open (any workflow, any ref) is a note in the report (`signer.unpinned`)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from verifier.cli.options.demands.origin import Origin, require_ref, shaped
from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags

ISSUER: Final = "https://token.actions.githubusercontent.com"
_HOST: Final = "https://github.com"
_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_REPOSITORY: Final = rf"{_OWNER}/(?!\.\.?(?:/|\Z))[A-Za-z0-9._-]+"
_FOLDER: Final = ".github/workflows/"
_FILE: Final = r"(?:\.github/workflows/)?(?!\.\.?\Z)[A-Za-z0-9._-]+\.ya?ml"
_WORKFLOW: Final = rf"{_REPOSITORY}/\.github/workflows/[A-Za-z0-9._-]+(?:@refs/[!-)+-~]+)?"


class GitHub(Group):
    """As `gh` has them: an owner or a repository, and a workflow if only one is believed."""

    panel = "Whom to believe"
    owner: str | None = option("--owner", "GitHub: any workflow of a repository of this owner's.", default=None)
    repo: str | None = option(
        "--repo -R", "GitHub: what a workflow of this repository built.", default=None, metavar="OWNER/NAME"
    )
    signer_workflow: str | None = option(
        "--workflow --signer-workflow",
        "With those: only this workflow; a FILE of --repo, or OWNER/NAME/.github/workflows/FILE.",
        default=None,
        metavar="FILE",
    )
    gitlab_project: str | None = option(
        "--gitlab-project", "GitLab: what a pipeline of this project built.", default=None, metavar="GROUP/NAME"
    )
    gitlab_host: str | None = option(
        "--gitlab-host", "With it: the host of your own GitLab (default: gitlab.com).", default=None, metavar="HOST"
    )
    ref: str | None = option(
        "--ref", "With one of those: only what was built of this ref, as in refs/heads/main.", default=None
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with that signer, or with what the certificate of the one that is named must say."""
        owner = shaped("--owner", self.owner, _OWNER, "a GitHub account")
        repo = shaped("--repo", self.repo, _REPOSITORY, "OWNER/NAME", _nearest(self.repo))
        named = {"--owner": owner, "--repo": repo, "--gitlab-project": self.gitlab_project}
        given = [flag for flag, text in named.items() if text is not None]
        ref = require_ref(self.ref)
        if len(given) > 1:
            said = (
                "is said twice: --repo names its owner" if given == ["--owner", "--repo"] else "is one of two: give one"
            )
            raise ConfigurationError(said, where=given[0])
        if not given:
            return self._nobody(flags)
        if self.gitlab_project is not None:
            from verifier.cli.options.demands.gitlab import pipeline  # noqa: PLC0415 - only for who names one

            return pipeline(self.gitlab_project, self.gitlab_host, self.signer_workflow, ref).onto(flags)
        if self.gitlab_host is not None:
            raise ConfigurationError("goes with --gitlab-project", where="--gitlab-host")
        workflow = self._workflow(repo)
        about = ("owner", f"{_HOST}/{owner}") if repo is None else ("repository", f"{_HOST}/{repo}")
        identity = f"{repo or owner}/*" if workflow is None else workflow if "@" in workflow else f"{workflow}@*"
        return Origin(
            issuer=ISSUER, identity=f"{_HOST}/{identity}", about=about, ref=ref, narrowed=workflow is not None
        ).onto(flags)

    def _nobody(self, flags: AdHocFlags) -> AdHocFlags:
        for flag, text in {"--workflow": self.signer_workflow, "--ref": self.ref}.items():
            if text is not None:
                raise ConfigurationError("needs --repo, --owner or --gitlab-project beside it", where=flag)
        if self.gitlab_host is not None:
            raise ConfigurationError("goes with --gitlab-project", where="--gitlab-host")
        return flags

    def _workflow(self, repo: str | None) -> str | None:
        """The workflow as an identity has it, without the host; a file alone is one of the repository's."""
        text = self.signer_workflow
        if text is not None and repo is not None and re.fullmatch(_FILE, text, re.ASCII):
            return f"{repo}/{_FOLDER}{text.removeprefix(_FOLDER)}"
        expected = (
            "OWNER/NAME/.github/workflows/FILE" if repo is None else f"FILE.yml of {repo}, or OWNER/NAME/{_FOLDER}FILE"
        )
        return shaped("--workflow", text, _WORKFLOW, expected)


def _nearest(repo: str | None) -> str:
    """What was meant where an address was given."""
    if not repo:
        return ""
    found = re.fullmatch(rf"(?:https://|git@)?github\.com[/:]({_REPOSITORY}?)(?:\.git)?/?", repo, re.ASCII)
    return f"Write --repo {found[1]}." if found else ""
