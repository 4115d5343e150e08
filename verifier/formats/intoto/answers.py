"""What services and tools wrap attestations in: npm's and GitHub's answers, PyPI's provenance, `gh attestation verify`.

* only the attestations count; what stands beside them, such as a tool's own result, is named and never believed
* an answer of which a part holds no attestation is refused: something was left out
* a document that is none of these is handed on as it is

Source: https://github.com/npm/attestation; https://docs.github.com/rest (attestations);
https://docs.pypi.org/api/integrity/; `gh attestation verify --format json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.formats.intoto.attestation_kind import is_answer
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import compact

MAX_IN_ONE: Final = 4_096
"""Attestations, and groups of them, in one answer."""


class Answer(NamedTuple):
    """Attestations, or why there is none; and what stands beside them and is not believed, in words."""

    pieces: tuple[bytes | Refused, ...]
    unbelieved: tuple[str, ...] = ()


def taken_apart(document: bytes, *, subject: str, budget: Budget | None) -> Answer:
    """The attestations in `document`, or itself; raises `Refused` for an answer that lacks one."""
    whole = Answer((document,))
    if not is_answer(document):
        return whole
    value = strict_json.loads(document, subject=subject, budget=budget)
    if not isinstance(value, dict):
        return whole
    names = frozenset(value)
    if names == {"attestations"}:
        listed = value["attestations"]
        return _listed(listed, subject) if isinstance(listed, list) else whole
    if "attestation_bundles" in names:
        return _pypi(Fields.of(value, code="attestation.invalid", subject=subject))
    if "attestation" in names and names <= {"attestation", "verificationResult"}:
        return _verified_by_gh(value, subject)
    return whole


def _listed(entries: Sequence[JsonValue], subject: str) -> Answer:
    """npm: `{"attestations": [{"predicateType", "bundle"}]}`; GitHub: `{"bundle", "bundle_url", …}` there."""
    if not entries:
        raise refuse("attestation.invalid", subject, "`attestations` is empty: nobody has attested anything")
    bundles = [entry.get("bundle") for entry in entries if isinstance(entry, dict)]
    if len(bundles) != len(entries) or not all(isinstance(bundle, dict) for bundle in bundles):
        raise refuse("attestation.invalid", subject, "an entry of `attestations` has no bundle")
    return Answer(_written(bundles, subject))


def _pypi(fields: Fields) -> Answer:
    """PyPI: `{"version": 1, "attestation_bundles": [{"publisher", "attestations": [...]}]}`."""
    fields.known("version", "attestation_bundles", closed=True)
    if fields.count("version") != 1:
        message = f"PyPI's provenance is of version {fields.count('version')}, expected 1"
        raise refuse("signature.unsupported", fields.subject, message)
    attestations: list[Mapping[str, JsonValue]] = []
    publishers: list[str] = []
    for group in fields.objects("attestation_bundles", most=MAX_IN_ONE):
        group.known("publisher", "attestations", closed=True)
        publishers.append(group.object("publisher").optional_text("kind") or "unknown")
        attestations += (each.value for each in group.objects("attestations", most=MAX_IN_ONE))
    if not attestations:
        raise fields.refusal("attestation_bundles", "holds no attestation")
    said = ", ".join(dict.fromkeys(publishers))
    told = f"PyPI says that the publisher is of kind {said!r:.100}: only what the certificates say is believed"
    return Answer(_written(attestations, fields.subject), (told,))


def _verified_by_gh(value: Mapping[str, JsonValue], subject: str) -> Answer:
    """gh: `{"attestation": {"bundle", "bundle_url", …}, "verificationResult"}`, of which it writes an array."""
    attestation = value["attestation"]
    bundle = attestation.get("bundle") if isinstance(attestation, dict) else None
    if not isinstance(bundle, dict):
        raise refuse("attestation.invalid", subject, "what `gh attestation verify` wrote has no `attestation.bundle`")
    told = ("`gh attestation verify` states a result of its own: the bundle is verified anew",)
    return Answer(_written([bundle], subject), told if "verificationResult" in value else ())


def _written(attestations: Sequence[object], subject: str) -> tuple[bytes, ...]:
    if len(attestations) > MAX_IN_ONE:
        raise refuse("input.too-large", subject, f"{len(attestations)} attestations; at most {MAX_IN_ONE} are read")
    return tuple(compact(each).encode() for each in attestations)
