"""How an artifact must have been built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
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
    ignore_parameter: tuple[str, ...] = option(
        "--ignore-parameter", "External parameter that may have any value; repeatable.", default=()
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with what provenance must say."""
        return replace(
            flags,
            builder_id=self.builder_id,
            build_level=self.build_level,
            source_uri=self.source_uri,
            source_ref=self.source_ref,
            ignore_parameters=self.ignore_parameter,
            attestations=self.attestation_type,
        )
