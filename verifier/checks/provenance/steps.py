"""Provenance: was the artifact built by a builder that we trust, from the source and with the parameters we expect?

The steps of SLSA, "Verifying artifacts" (https://slsa.dev/spec/v1.2/verifying-artifacts); its envelope's signature is
proven by the type of `signers`. One reason code each, and every reason that applies:

* the level is the one that the policy believes of (signer, `builder.id`), never what provenance says of itself
* a builder counts only under the signature of the signer that the policy pairs it with
* a repository is compared as a repository, a ref, a build type and parameters as the rule has them
* an external parameter that is neither recognised, expected nor listed to be ignored denies
* provenance that contradicts the certificate of its signer denies
* of several, one must satisfy everything; what the others lack is still said, as warnings
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from verifier.checks.provenance.certificate import contradictions
from verifier.core.digest import Digest, Digests
from verifier.core.globs import glob_matches
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Failed, Outcome, Passed, Reason
from verifier.core.value import Value
from verifier.evidence.attested import ProvenProvenance
from verifier.formats.intoto.build_types import known_build_type
from verifier.formats.intoto.parameters import as_text, is_under, leaves
from verifier.formats.intoto.provenance import PROVENANCE_TYPES
from verifier.formats.intoto.source_uri import same_repository
from verifier.formats.intoto.statement import matching_subject
from verifier.signatures.interface import ProvenSigner
from verifier.trust.sections.provenance import ProvenanceRule
from verifier.trust.tables.builders import BuilderRule

LEVEL_OF_A_SIGNATURE = 1
"""What SLSA grants to provenance that a recognised signer signed, whoever built."""

_SHOWN = 200
"""Characters of a parameter's value that a message repeats."""


def check_provenance(
    proven: Sequence[ProvenProvenance],
    rule: ProvenanceRule,
    builders: Mapping[str, BuilderRule],
    *,
    digest: Digest,
    called: Sequence[Digests],
    subject: str,
) -> Outcome:
    """Judge all provenance of the artifact that is `called` any of these; `subject` and `digest` are for reasons."""
    if not proven:
        message = f"no signed provenance was found, expected one by {' or '.join(rule.builders)}"
        return Failed(reasons=(Reason(code="provenance.missing", subject=subject, message=message),))
    named = {name: builders[name] for name in rule.builders if name in builders}
    judged: list[tuple[Reason, ...]] = []
    for number, each in enumerate(proven, start=1):
        name = subject if len(proven) == 1 else f"{subject} (provenance {number} of {len(proven)})"
        judgement = _Judgement(proven=each, rule=rule, builders=named, digest=digest, called=called, subject=name)
        judged.append(tuple(judgement.reasons()))
    reasons = tuple(reason for one in judged for reason in one)
    if any(not any(reason.is_error for reason in one) for one in judged):
        return Passed(reasons=tuple(reason.as_warning() if reason.is_error else reason for reason in reasons))
    return Failed(reasons=reasons)


def build_level(proven: ProvenProvenance, builders: Mapping[str, BuilderRule]) -> int:
    """The highest SLSA build level that the policy believes of this signer and `builder.id` together."""
    return max((each.level for each in paired_builders(proven, builders)), default=LEVEL_OF_A_SIGNATURE)


def paired_builders(proven: ProvenProvenance, builders: Mapping[str, BuilderRule]) -> tuple[BuilderRule, ...]:
    """The builders that this `builder.id` is, under a signature of the signer whom the policy pairs with it."""
    names = {signer.name for signer in proven.signers}
    built_by = proven.provenance.builder_id
    return tuple(each for each in builders.values() if each.signer in names and glob_matches(each.id, built_by))


class _Judgement(Value):
    """One provenance beside one rule; each method is a step, and yields what denies."""

    proven: ProvenProvenance
    rule: ProvenanceRule
    builders: Mapping[str, BuilderRule]
    digest: Digest
    called: Sequence[Digests]
    subject: str

    def reasons(self) -> Iterator[Reason]:
        yield from self._subject_and_type()
        yield from self._builder()
        yield from self._source()
        yield from self._ref()
        yield from self._build_type()
        yield from self._certificates()
        yield from islice(self._expected_parameters(), MAX_FINDINGS)
        yield from islice(self._unexpected_parameters(), MAX_FINDINGS)

    def _reason(self, code: str, message: str) -> Reason:
        return Reason(code=f"provenance.{code}", subject=self.subject, message=message)

    def _subject_and_type(self) -> Iterator[Reason]:
        """Step 1.2 and 1.3: the subject is the artifact, the predicate is provenance."""
        statement = self.proven.statement
        if all(matching_subject(statement, each) is None for each in self.called):
            seen = ", ".join(str(digest) for each in statement.subjects[:3] for digest in each.digests[:3])
            yield self._reason("subject-mismatch", f"the provenance is about {seen}, the artifact is {self.digest}")
        if statement.predicate_type not in PROVENANCE_TYPES:
            wanted = " or ".join(PROVENANCE_TYPES)
            yield self._reason("malformed", f"the predicate's type is {statement.predicate_type!r}, expected {wanted}")

    def _builder(self) -> Iterator[Reason]:
        """Step 1.4: signer and `builder.id` select the level."""
        if not paired_builders(self.proven, self.builders):
            who = ", ".join(sorted({signer.name for signer in self.proven.signers})) or "nobody"
            wanted = ", ".join(f"{each.id!r} signed by {each.signer}" for each in self.builders.values()) or "nobody"
            built_by = self.proven.provenance.builder_id
            yield self._reason("builder-untrusted", f"built by {built_by!r}, signed by {who}, expected {wanted}")
            return
        level = build_level(self.proven, self.builders)
        if level < self.rule.level:
            message = f"the policy trusts the builder for level {level}, the rule asks for level {self.rule.level}"
            yield self._reason("level-too-low", message)

    def _source(self) -> Iterator[Reason]:
        """Step 2: the canonical source repository."""
        wanted, source = self.rule.source, self.proven.provenance.source
        if wanted is None:
            return
        if source is None:
            yield self._reason("source-mismatch", f"the provenance states no source, expected {wanted!r}")
        elif not same_repository(source.uri, wanted):
            yield self._reason("source-mismatch", f"built from {source.uri!r}, expected {wanted!r}")

    def _ref(self) -> Iterator[Reason]:
        """Step 2: the ref, from the certificate where the provenance is of a kind that states none."""
        wanted, source = self.rule.ref, self.proven.provenance.source
        if wanted is None:
            return
        stated = [source.ref] if source is not None and source.ref is not None else self._certified_refs()
        for ref in stated or [None]:
            if ref is None:
                yield self._reason("ref-mismatch", f"the provenance states no ref, expected {wanted!r}")
            elif not glob_matches(wanted, ref):
                yield self._reason("ref-mismatch", f"built from {ref!r}, expected {wanted!r}")

    def _certified_refs(self) -> list[str | None]:
        certificates = [signer.certificate for signer in self._speakers() if signer.certificate is not None]
        return [each.source_ref for each in certificates if each.source_ref is not None]

    def _build_type(self) -> Iterator[Reason]:
        """Step 2: `buildType`."""
        wanted, seen = self.rule.build_type, self.proven.provenance.build_type
        if wanted is not None and seen != wanted:
            yield self._reason("build-type-mismatch", f"the build type is {seen!r}, expected {wanted!r}")

    def _certificates(self) -> Iterator[Reason]:
        """Step 1.1, beyond the signature: what the roots of trust certified of the signer."""
        for signer in self._speakers():
            for clause in contradictions(self.proven.provenance, signer.certificate) if signer.certificate else ():
                found = self._reason("certificate-mismatch", f"{clause} of signer {signer.name}")
                yield found if self.rule.require_certificate_match else found.as_warning()

    def _speakers(self) -> list[ProvenSigner]:
        """The signers that speak for the builder; who else signed may be somewhere else entirely."""
        paired = {each.signer for each in paired_builders(self.proven, self.builders)}
        return [signer for signer in self.proven.signers if not paired or signer.name in paired]

    def _expected_parameters(self) -> Iterator[Reason]:
        """Step 2: external parameters have the values that the rule expects."""
        stated = dict(leaves(self.proven.provenance.external_parameters))
        for path, wanted in self.rule.external_parameters:
            if path not in stated:
                yield self._reason("parameter-mismatch", f"parameter {path} is absent, expected {wanted!r}")
            elif not glob_matches(wanted, seen := as_text(stated[path])):
                yield self._reason("parameter-mismatch", f"parameter {path} is {seen[:_SHOWN]!r}, expected {wanted!r}")

    def _unexpected_parameters(self) -> Iterator[Reason]:
        """Step 2: "verifiers SHOULD reject unrecognized fields in externalParameters"."""
        row = known_build_type(self.proven.provenance.build_type)
        recognised = row.recognised if row else ()
        expected = {path for path, _ in self.rule.external_parameters}
        for path, value in leaves(self.proven.provenance.external_parameters):
            if path in expected or any(is_under(path, each) for each in (*recognised, *self.rule.ignore_parameters)):
                continue
            shown = as_text(value)[:_SHOWN]
            yield self._reason("unexpected-parameter", f"parameter {path} is {shown!r}, expected no such parameter")
