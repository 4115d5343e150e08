"""Does the provenance say what the authority wrote into its signer's certificate?

Whoever may sign may claim anything; the certificate's extensions come from the identity provider's token.

* another repository, ref, commit, workflow, run, trigger or kind of machine is a contradiction, each named
* what one of the two does not state contradicts nothing
* for builders whose identity is their workflow, `builder.id` is the workflow that signed

Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md; SLSA, "Verifying artifacts", step 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.signers.keyless import CertificateClaims
from verifier.formats.intoto.build_types import BuildType, Source, known_build_type
from verifier.formats.intoto.provenance import Provenance
from verifier.formats.intoto.source_uri import same_repository, split_ref

_COMMIT = ("gitCommit", "sha1")
_RUNS = "/actions/runs/"


def contradictions(provenance: Provenance, claims: CertificateClaims) -> Iterator[str]:
    """What the provenance states otherwise than the certificate, a clause each."""
    row = known_build_type(provenance.build_type)
    if provenance.source is not None:
        yield from _source(provenance.source, claims)
        yield from _workflow(provenance.source, claims, row)
    pairs = [
        ("trigger", provenance.trigger, claims.build_trigger),
        ("runner environment", provenance.runner_environment, claims.runner_environment),
    ]
    if provenance.invocation_id is not None and _RUNS in provenance.invocation_id:
        pairs.append(("run", provenance.invocation_id, claims.run_invocation))
    if row is not None and row.builder_is_signer:
        pairs.append(("builder.id", provenance.builder_id, claims.build_signer_uri))
    yield from _differences(pairs)


def _source(source: Source, claims: CertificateClaims) -> Iterator[str]:
    if claims.source_repository is not None and not same_repository(source.uri, claims.source_repository):
        yield _clause("source repository", source.uri, claims.source_repository)
    commits = (digest.value for digest in source.digests if digest.algorithm in _COMMIT)
    other = next((commit for commit in commits if commit != claims.source_digest), None)
    yield from _differences(
        [("source ref", source.ref, claims.source_ref), ("source commit", other, claims.source_digest)]
    )


def _workflow(source: Source, claims: CertificateClaims, row: BuildType | None) -> Iterator[str]:
    """The entry point beside the certificate's `REPOSITORY/PATH@REF`."""
    if row is None or not row.workflow_entry or source.entry_point is None or claims.build_config_uri is None:
        return
    config, _ = split_ref(claims.build_config_uri)
    repository = claims.source_repository or source.uri.removeprefix("git+")
    if config != f"{repository}/{source.entry_point}":
        yield _clause("workflow", source.entry_point, claims.build_config_uri)


def _differences(pairs: list[tuple[str, str | None, str | None]]) -> Iterator[str]:
    for what, stated, certified in pairs:
        if stated is not None and certified is not None and stated != certified:
            yield _clause(what, stated, certified)


def _clause(what: str, stated: str, certified: str) -> str:
    return f"{what} is {stated!r}, in the certificate {certified!r}"
