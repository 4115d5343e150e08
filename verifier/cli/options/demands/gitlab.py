"""Whom to believe of GitLab: the pipelines of a project, by what Fulcio writes into a certificate of theirs.

The identity is that of the pipeline's configuration, `https://HOST/GROUP/NAME//FILE@REF`; the project that the job ran
for, and its ref, are claims of their own. Source: pkg/identity/gitlabcom/principal.go of sigstore/fulcio.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.cli.options.demands.origin import Origin, shaped
from verifier.core.errors import ConfigurationError

HOST: Final = "gitlab.com"
_PART: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?"
_PROJECT: Final = rf"{_PART}(?:/{_PART})+"
_HOST: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
_FILE: Final = r"(?!/)(?!.*(?:/|\A)\.\.?(?:/|\Z))[!-)+-?A-~]+\.ya?ml"


def pipeline(project: str, host: str | None, file: str | None, ref: str | None) -> Origin:
    """The pipelines of `project`; raises `ConfigurationError` for what names none, or names many."""
    shaped("--gitlab-host", host, _HOST, "the name of a host, in small letters")
    if host == "github.com":
        raise ConfigurationError("is GitHub's: its repositories are --repo", where="--gitlab-host")
    found = re.fullmatch(rf"(?:https://|git@)?gitlab\.com[/:]({_PROJECT})(?:\.git)?/?", project, re.ASCII)
    hint = f"Write --gitlab-project {found[1].removesuffix('.git')}." if found else ""
    shaped("--gitlab-project", project, _PROJECT, "GROUP/NAME, with subgroups between them", hint)
    shaped("--workflow", file, _FILE, "the path of a pipeline's configuration, as in .gitlab-ci.yml")
    base = f"https://{host or HOST}"
    return Origin(
        issuer=base,
        identity=f"{base}/{project}//{f'{file}@*' if file else '*'}",
        about=("repository", f"{base}/{project}"),
        ref=ref,
        narrowed=file is not None,
    )
