"""How an artifact must have been built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags


class ProvenanceDemands(Group):
    """By which builder, from which source, with which parameters."""

    panel = "How it must have been built"
    attestation_type: tuple[str, ...] = option(
        "--attestation-type", "Predicate type that counts as a signature; repeatable.", default=()
    )
    builder_id: str | None = option("--builder-id", "SLSA builder that must have built it, or a glob.", default=None)
    build_level: int = option(
        "--build-level", "SLSA level that the builder is believed up to.", default=1, least=1, most=3
    )
    source_uri: str | None = option(
        "--source-uri", "Repository it must be built from, as in git+https://...", default=None
    )
    source_ref: str | None = option("--source-ref", "Ref it must be built from, or a glob.", default=None)
    source_tag: str | None = option("--source-tag", "Tag it must be built from: refs/tags/TAG.", default=None)
    source_branch: str | None = option("--source-branch", "Branch likewise: refs/heads/BRANCH.", default=None)
    ignore_parameter: tuple[str, ...] = option(
        "--ignore-parameter", "External parameter that may have any value; repeatable.", default=()
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with what provenance must say."""
        return replace(
            flags,
            builder_id=self.builder_id,
            build_level=self.build_level,
            source_uri=self._source(),
            source_ref=self._ref(),
            ignore_parameters=self.ignore_parameter,
            attestations=self.attestation_type,
        )

    def _source(self) -> str | None:
        """The repository; slsa-verifier's users write it without a scheme."""
        bare = self.source_uri is not None and self.source_uri.startswith(("github.com/", "gitlab.com/"))
        return f"git+https://{self.source_uri}" if bare else self.source_uri

    def _ref(self) -> str | None:
        """The ref, however it is said."""
        said = {"--source-ref": self.source_ref, "--source-tag": self.source_tag, "--source-branch": self.source_branch}
        given = {flag: text for flag, text in said.items() if text is not None}
        if len(given) > 1:
            raise ConfigurationError("say one thing together: give one of them", where=", ".join(given))
        for flag, text in given.items():
            if flag != "--source-ref" and (not text or "*" in text or text.startswith("refs/")):
                raise ConfigurationError(f"is a name, as in v1.4.0, not {text!r}: a ref is --source-ref", where=flag)
        if self.source_tag is not None:
            return f"refs/tags/{self.source_tag}"
        return self.source_ref if self.source_branch is None else f"refs/heads/{self.source_branch}"
