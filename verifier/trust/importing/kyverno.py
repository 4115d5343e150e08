"""Kyverno's `verifyImages` rules (ClusterPolicy and Policy, kyverno.io).

* every set of attestors has to be satisfied, and of each set so many entries as it counts: a rule here has one
  threshold, so that several sets become all of their entries, which is stricter
* an entry that cannot be imported still counts among those that had to sign: where too few are left, all is denied
* what no rule matches passes there and is denied here, so that a wider name is never weaker

Source: kyverno `api/kyverno/v1/image_verification_types.go`; its documentation, "Verify Images".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.errors import ConfigurationError
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.trust.importing.documents import beside
from verifier.trust.importing.draft import (
    MAX_ITEMS,
    Draft,
    Names,
    Origins,
    Party,
    Remark,
    Wanted,
    jws_algorithm,
    key_party,
    keyless_party,
    keys_in,
    quoted,
    together,
)
from verifier.trust.importing.images import of_kyverno
from verifier.trust.importing.instances import is_public_rekor
from verifier.trust.importing.policy_controller import UNORDERED

GROUP: Final = "kyverno.io/"
KINDS: Final = ("ClusterPolicy", "Policy")
_EXTENSIONS: Final = {
    "githubWorkflowTrigger": "trigger",
    "githubWorkflowSha": "digest",
    "githubWorkflowRepository": "repository",
    "githubWorkflowRef": "ref",
}
"""Fulcio's older extensions by cosign's names, and the claims that say the same."""


class _Entries(NamedTuple):
    made: tuple[Party | Remark, ...]
    wanted: int
    of: int


def read(found: Sequence[Fields], *, source: str, folder: str) -> Draft:
    """The draft of these documents; raises `Refused`, `ConfigurationError` where there is nothing to import."""
    names, origins = Names(), Origins()
    rules: list[Wanted] = []
    remarks: list[Remark] = []
    for document in found:
        if document.value.get("kind") not in KINDS or not document.text("apiVersion").startswith(GROUP):
            kind = str(document.value.get("kind"))
            remarks.append(Remark(effect="not imported", where=kind, message="it is no policy of images"))
            continue
        name = document.object("metadata").text("name")
        spec = document.object("spec")
        for rule in spec.objects("rules", most=MAX_ITEMS):
            label = origins.fresh(f"{name}/{rule.text('name')}")
            if rule.value.get("verifyImages") is None:
                remarks.append(Remark(effect="not imported", where=label, message="the rule is not about signatures"))
                continue
            around = (*_of_spec(spec), *_of_rule(rule))
            for at, each in enumerate(rule.objects("verifyImages", most=MAX_ITEMS)):
                rules += _wanted(each, names, folder, f"{label}#{at}", around)
    if not rules:
        raise ConfigurationError("there is no rule with verifyImages in it", where=source)
    return Draft(source=source, rules=together(rules), remarks=tuple(remarks))


def _of_spec(spec: Fields) -> Iterator[Remark]:
    for name in ("validationFailureAction", "failureAction"):
        said = spec.optional_text(name)
        if said is not None and said.lower() != "enforce":
            yield Remark(effect="stronger", where=spec.at(name), message=f"{said} let it pass; here it is denied")
    if spec.value.get("validationFailureActionOverrides"):
        message = "namespaces are not known here: it is denied in all of them"
        yield Remark(effect="stronger", where=spec.at("validationFailureActionOverrides"), message=message)
    if (spec.optional_text("failurePolicy") or "Fail") != "Fail":
        message = "what could not be asked passed; here what cannot be decided is denied"
        yield Remark(effect="stronger", where=spec.at("failurePolicy"), message=message)


def _of_rule(rule: Fields) -> Iterator[Remark]:
    for name in ("match", "exclude", "preconditions"):
        if rule.value.get(name) is not None and not (name == "match" and _all_pods(rule)):
            message = "it chose some resources; here the rule holds for every use of the image"
            yield Remark(effect="stronger", where=rule.at(name), message=message)
    if rule.value.get("context") is not None:
        yield Remark(effect="not imported", where=rule.at("context"), message="variables are not known here")


def _all_pods(rule: Fields) -> bool:
    return rule.value.get("match") in (
        {"any": [{"resources": {"kinds": ["Pod"]}}]},
        {"all": [{"resources": {"kinds": ["Pod"]}}]},
        {"resources": {"kinds": ["Pod"]}},
    )


def _wanted(entry: Fields, names: Names, folder: str, origin: str, around: Sequence[Remark]) -> Iterator[Wanted]:
    sets = [_entries(each, names, folder, origin, entry) for each in _sets(entry)]
    made = [each for one in sets for each in one.made]
    parties = tuple(each for each in made if isinstance(each, Party))
    threshold = sets[0].wanted if len(sets) == 1 else sum(one.of for one in sets)
    remarks = [*around, *(each for each in made if isinstance(each, Remark)), *_of_entry(entry)]
    if len(sets) > 1 and any(one.wanted != one.of for one in sets):
        message = "of several sets, some by count: here every entry of all of them has to sign"
        remarks.append(Remark(effect="stronger", where=entry.at("attestors"), message=message))
    claims = _claims(entry)
    references = entry.texts("imageReferences", most=MAX_ITEMS, required=False) or _old_reference(entry)
    for reference in references:
        found = of_kyverno(reference)
        wider = (
            f"{reference} becomes wider here: {found.wider}; what no rule matched passed there" if found.wider else ""
        )
        more = [Remark(effect="stronger", where=entry.at("imageReferences"), message=wider)] if wider else []
        yield Wanted(
            pattern=found.pattern,
            origin=origin,
            parties=parties,
            threshold=max(threshold, 1),
            signatures=(("claims", claims),) if claims else (),
            lines=(UNORDERED,),
            remarks=(*remarks, *more),
        )


def _old_reference(entry: Fields) -> tuple[str, ...]:
    return (entry.text("image"),)


def _sets(entry: Fields) -> list[Fields]:
    """The sets of attestors; the fields of older releases are a set of one."""
    found = entry.objects("attestors", most=MAX_ITEMS, required=False)
    if found or not any(entry.value.get(name) for name in ("key", "issuer", "subject")):
        return found
    keyless = {name: entry.value[name] for name in ("issuer", "subject", "roots") if entry.value.get(name)}
    said: JsonValue = {"keyless": {**keyless, "rekor": {"url": "https://rekor.sigstore.dev"}}}
    if entry.value.get("key"):
        said = {"keys": {"publicKeys": entry.value["key"]}}
    return [Fields.of({"entries": [said]}, code=entry.code, subject=entry.subject, path=entry.path)]


def _entries(fields: Fields, names: Names, folder: str, origin: str, entry: Fields) -> _Entries:
    listed = fields.objects("entries", most=MAX_ITEMS)
    made: list[Party | Remark] = []
    of = 0
    for each in listed:
        found = list(_of_attestor(each, names, folder, origin))
        made += found
        of += max(sum(1 for one in found if isinstance(one, Party) or one.effect == "not imported"), 1)
    made += _unknown(fields, "count", "entries")
    made, twice = _once(made)
    of -= twice
    count = fields.optional_count("count")
    del entry
    return _Entries(made=tuple(made), wanted=min(count, of) if count else of, of=of)


def _once(made: list[Party | Remark]) -> tuple[list[Party | Remark], int]:
    """Each signer once, and how often one stood there again: Kyverno counts entries, a rule here counts keys."""
    kept: dict[object, Party | Remark] = {}
    for each in made:
        same = each if isinstance(each, Remark) else (each.key[1] if each.key is not None else each.lines)
        kept.setdefault(same, each)
    twice = sum(isinstance(each, Party) for each in made) - sum(isinstance(each, Party) for each in kept.values())
    return list(kept.values()), twice


def _of_attestor(fields: Fields, names: Names, folder: str, origin: str) -> Iterator[Party | Remark]:
    name = origin.partition("#")[0].rpartition("/")[2]
    keys, keyless = fields.optional_object("keys"), fields.optional_object("keyless")
    annotations = _annotated(fields)
    if keys is not None:
        yield from _by_key(keys, names, name, folder, annotations)
    elif keyless is not None:
        yield _by_identity(keyless, names, name, annotations)
    else:
        what = "certificates" if fields.value.get("certificates") is not None else "attestor"
        message = (
            "a certificate of one's own is no signer here" if what == "certificates" else "a nested set is not imported"
        )
        yield Remark(effect="not imported", where=fields.at(what), message=message)
    if fields.value.get("repository") is not None:
        message = "signatures elsewhere are not looked for here: only what lies beside the image counts"
        yield Remark(effect="stronger", where=fields.at("repository"), message=message)
    yield from _unknown(fields, *("keys", "keyless", "certificates", "attestor", "annotations", "repository"))


def _annotated(fields: Fields) -> tuple[Remark, ...]:
    if not fields.value.get("annotations"):
        return ()
    message = "annotations of one attestor: here `claims` in `signatures` are of all signers of a rule"
    return (Remark(effect="weaker", where=fields.at("annotations"), message=message),)


def _by_key(keys: Fields, names: Names, name: str, folder: str, remarks: Sequence[Remark]) -> Iterator[Party | Remark]:
    text = keys.go_text("publicKeys")
    for kind in ("kms", "secret"):
        if keys.value.get(kind) is not None:
            message = "the key is elsewhere: write its public half to a file, and add the signer"
            yield Remark(effect="not imported", where=keys.at(kind), message=message)
    pems = keys_in(text or "")
    if text is not None and not pems:
        message = "the key is elsewhere (a variable, a Secret or a KMS): write its public half to a file"
        yield Remark(effect="not imported", where=keys.at("publicKeys"), message=message)
    algorithm = jws_algorithm(keys.go_text("signatureAlgorithm"))
    more = (
        *remarks,
        *_log_of_key(keys),
        *_unknown(keys, *("publicKeys", "kms", "secret", "rekor", "ctlog"), "signatureAlgorithm"),
    )
    for pem in pems:
        yield key_party(
            names.fresh(name), pem, where=keys.at("publicKeys"), folder=folder, algorithm=algorithm, remarks=more
        )


def _log_of_key(keys: Fields) -> Iterator[Remark]:
    log = keys.optional_object("rekor")
    # Where nothing is said, Kyverno asks the public log (`pkg/engine/internal/imageverifier.go`).
    if log is None or log.value.get("ignoreTlog") is not True:
        message = "the signature had to be in a transparency log; a key's signature counts without one here"
        yield Remark(effect="weaker", where=keys.at("rekor"), message=message)


def _by_identity(keyless: Fields, names: Names, name: str, remarks: Sequence[Remark]) -> Party | Remark:
    log = keyless.optional_object("rekor")
    url = None if log is None else log.go_text("url")
    if keyless.value.get("roots") or _has_keys(log, keyless.optional_object("ctlog")) or not _public(url):
        message = "an instance of Sigstore's of one's own: give its trusted root in [sigstore], and add the signer"
        return Remark(effect="not imported", where=keyless.at("roots"), message=message)
    claims, unread = _extensions(keyless)
    if unread:
        return unread
    subject = keyless.go_text("subject") or ""
    if "?" in subject:
        message = "`?` in a subject has no equal: give subjectRegExp"
        return Remark(effect="not imported", where=keyless.at("subject"), message=message)
    more = list(remarks)
    if "*" in subject[:-1]:
        message = "a star within a subject does not cross '/' here"
        more.append(Remark(effect="stronger", where=keyless.at("subject"), message=message))
    more += _unknown(
        keyless,
        *("issuer", "subject", "issuerRegExp", "subjectRegExp", "rekor", "ctlog", "roots", "additionalExtensions"),
    )
    return keyless_party(
        names.fresh(name),
        where=keyless.at(""),
        issuer=keyless.go_text("issuer") or "",
        issuer_regexp=keyless.go_text("issuerRegExp") or "",
        identity=subject,
        identity_regexp=keyless.go_text("subjectRegExp") or "",
        claims=claims,
        remarks=more,
    )


def _has_keys(*logs: Fields | None) -> bool:
    """Whether a log or a timestamp authority is given by its key."""
    names = ("pubkey", "tsaCertChain")
    return any(log is not None and any(log.value.get(name) for name in names) for log in logs)


def _public(url: str | None) -> bool:
    return url is None or is_public_rekor(url)


def _extensions(keyless: Fields) -> tuple[tuple[tuple[str, str], ...], Remark | None]:
    found = keyless.optional_object("additionalExtensions")
    claims: list[tuple[str, str]] = []
    for name, value in () if found is None else found.text_map(most=MAX_ITEMS):
        claim = _EXTENSIONS.get(name)
        if claim is None or "*" in value or "?" in value:
            message = f"{name} is no claim that is read here"
            return (), Remark(effect="not imported", where=keyless.at("additionalExtensions"), message=message)
        claims.append((claim, f"https://github.com/{value}" if claim == "repository" and "://" not in value else value))
    return tuple(claims), None


def _claims(entry: Fields) -> str:
    """What signers have to state besides, as `claims` of a rule has it."""
    found = entry.optional_object("annotations")
    if found is None or not found.value:
        return ""
    return f"{{ {', '.join(f'{quoted(name)} = {quoted(value)}' for name, value in found.text_map(most=MAX_ITEMS))} }}"


def _of_entry(entry: Fields) -> Iterator[Remark]:
    for each in entry.objects("attestations", most=MAX_ITEMS, required=False):
        predicate = each.optional_text("type") or each.optional_text("predicateType") or "?"
        message = (
            f"an attestation of type {predicate} had to be there, with what is asked of it; see `provenance`, `sbom` "
            "and `vulnerabilities` in docs/trust-policy.md"
        )
        yield Remark(effect="weaker", where=each.at(""), message=message)
    if (entry.optional_text("type") or "Cosign") != "Cosign":
        message = "Notary's signatures are not read here: sign with cosign or `verify sign image`"
        yield Remark(effect="weaker", where=entry.at("type"), message=message)
    yield from _of_flags(entry)
    for name, message in (
        ("repository", "signatures elsewhere are not looked for here: only what lies beside the image counts"),
        ("skipImageReferences", "these images passed unverified; here they are denied, but for a rule of their own"),
    ):
        if entry.value.get(name):
            yield Remark(effect="stronger", where=entry.at(name), message=message)
    if entry.value.get("validate") is not None:
        yield Remark(effect="weaker", where=entry.at("validate"), message="conditions are not imported")
    yield from _unknown(
        entry,
        *("imageReferences", "image", "attestors", "attestations", "key", "roots", "subject", "issuer", "annotations"),
        *("repository", "mutateDigest", "verifyDigest", "required", "type", "skipImageReferences", "validate"),
        *("imageRegistryCredentials", "useCache", "failureAction", "cosignOCI11"),
    )


def _of_flags(entry: Fields) -> Iterator[Remark]:
    if entry.value.get("required") is False:
        message = "images that were not verified passed; here they are denied"
        yield Remark(effect="stronger", where=entry.at("required"), message=message)
    if (entry.optional_text("failureAction") or "Enforce") != "Enforce":
        yield Remark(effect="stronger", where=entry.at("failureAction"), message="it let pass; here it is denied")
    if entry.value.get("mutateDigest") is not False:
        message = "nothing is changed in a cluster: run the digest that the report names"
        yield Remark(effect="the same", where=entry.at("mutateDigest"), message=message)
    if entry.value.get("verifyDigest") is False:
        message = "what is judged is always a digest here"
        yield Remark(effect="the same", where=entry.at("verifyDigest"), message=message)


def _unknown(fields: Fields, *known: str) -> Iterator[Remark]:
    for where in beside(fields, *known):
        yield Remark(effect="weaker", where=where, message="is not known here, and may demand something")
