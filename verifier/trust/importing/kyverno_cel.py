"""Kyverno's `ImageValidatingPolicy` (policies.kyverno.io).

* of the expressions in CEL one form is read: that every image is signed by any one of some attestors, written as
  Kyverno's documentation writes it; whatever else is asked has no equal, and makes the rule weaker
* several such demands become one rule in which every attestor of them has to sign, which is stricter

Source: Kyverno's documentation, "ImageValidatingPolicy".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.formats.json.fields import Fields
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
    together,
)
from verifier.trust.importing.images import of_kyverno
from verifier.trust.importing.instances import is_public_rekor
from verifier.trust.importing.policy_controller import UNORDERED, exact

GROUP: Final = "policies.kyverno.io/"
KINDS: Final = ("ImageValidatingPolicy", "NamespacedImageValidatingPolicy")
_SIGNED: Final = re.compile(
    r"images\.(?:\?)?[A-Za-z]+\.map\((?P<it>[a-z]+),verifyImageSignatures\((?P=it),\[(?P<names>[A-Za-z0-9_.,-]+)\]\)\)"
    r"\.all\((?P<e>[a-z]+),(?P=e)>0\)\Z"
)
_SPACE: Final = re.compile(r"\s+")


def read(found: Sequence[Fields], *, source: str, folder: str) -> Draft:
    """The draft of these documents; raises `Refused`, `ConfigurationError` where there is nothing to import."""
    names, origins = Names(), Origins()
    rules: list[Wanted] = []
    remarks: list[Remark] = []
    for document in found:
        if document.value.get("kind") not in KINDS:
            kind = str(document.value.get("kind"))
            remarks.append(Remark(effect="not imported", where=kind, message="it is no policy of images"))
            continue
        rules += _wanted(document, names, folder, origins)
    if not rules:
        raise ConfigurationError("there is no ImageValidatingPolicy with images in it", where=source)
    return Draft(source=source, rules=together(rules), remarks=tuple(remarks))


def _wanted(document: Fields, names: Names, folder: str, origins: Origins) -> Iterator[Wanted]:
    name, spec = document.object("metadata").text("name"), document.object("spec")
    origin = origins.fresh(f"{document.text('kind')} {name}")
    attestors = {
        each.text("name"): list(_of_attestor(each, names, folder, name))
        for each in spec.objects("attestors", most=MAX_ITEMS, required=False)
    }
    demands, remarks = _demands(spec, attestors)
    remarks += [*_of_spec(spec), *(one for made in attestors.values() for one in made if isinstance(one, Remark))]
    asked = [one for each in dict.fromkeys(one for demand in demands for one in demand) for one in attestors[each]]
    parties = tuple(one for one in asked if isinstance(one, Party))
    threshold = 1
    if len(demands) > 1:
        threshold = len(asked)
        message = "several signatures were asked for: here all of their attestors have to sign"
        remarks.append(Remark(effect="stronger", where=spec.at("validations"), message=message))
    for each in spec.objects("matchImageReferences", most=MAX_ITEMS):
        glob = each.go_text("glob")
        if glob is None:
            message = "an expression in CEL chooses images: write a rule with their name"
            remarks.append(Remark(effect="stronger", where=each.at("expression"), message=message))
            continue
        found = of_kyverno(glob)
        yield Wanted(
            pattern=found.pattern,
            origin=origin,
            parties=parties,
            threshold=max(threshold, 1),
            lines=(UNORDERED,),
            remarks=tuple(remarks),
        )


def _demands(spec: Fields, attestors: dict[str, list[Party | Remark]]) -> tuple[list[tuple[str, ...]], list[Remark]]:
    """Which attestors each demand names, any one of which suffices."""
    demands: list[tuple[str, ...]] = []
    remarks: list[Remark] = []
    for each in spec.objects("validations", most=MAX_ITEMS, required=False):
        match = _SIGNED.match(_SPACE.sub("", each.text("expression")))
        named = () if match is None else tuple(one.removeprefix("attestors.") for one in match["names"].split(","))
        if not named or not set(named) <= attestors.keys():
            message = "an expression in CEL that demands more than a signature is not imported"
            remarks.append(Remark(effect="weaker", where=each.at("expression"), message=message))
        else:
            demands.append(named)
    if not demands:
        message = "no expression demands a signature in a form that is read"
        remarks.append(Remark(effect="weaker", where=spec.at("validations"), message=message))
    return demands, remarks


def _of_spec(spec: Fields) -> Iterator[Remark]:
    actions = spec.texts("validationActions", most=MAX_ITEMS, required=False)
    if actions and "Deny" not in actions:
        message = f"{', '.join(actions)} let it pass; here it is denied"
        yield Remark(effect="stronger", where=spec.at("validationActions"), message=message)
    if spec.value.get("matchConditions"):
        message = "it chose some resources; here the rule holds for every use of the image"
        yield Remark(effect="stronger", where=spec.at("matchConditions"), message=message)
    for each in spec.objects("attestations", most=MAX_ITEMS, required=False):
        message = "attestations and what is asked of them are not imported: see `provenance`, `sbom`, `vulnerabilities`"
        yield Remark(effect="weaker", where=each.at(""), message=message)
    configured = spec.optional_object("validationConfigurations")
    if configured is not None and configured.value.get("required") is False:
        message = "images that were not verified passed; here they are denied"
        yield Remark(effect="stronger", where=configured.at("required"), message=message)
    yield from _unknown(
        spec,
        *("validationActions", "webhookConfiguration", "failurePolicy", "matchConstraints", "matchConditions"),
        *("matchImageReferences", "attestors", "attestations", "validations", "validationConfigurations", "evaluation"),
        *("credentials", "variables", "images", "auditAnnotations", "autogen", "exceptions"),
    )


def _of_attestor(fields: Fields, names: Names, folder: str, policy: str) -> Iterator[Party | Remark]:
    name = f"{policy}-{fields.text('name')}"
    cosign = fields.optional_object("cosign")
    if cosign is None:
        message = "Notary's certificates are no signers here: sign with cosign or `verify sign image`"
        yield Remark(effect="not imported", where=fields.at("notary"), message=message)
        return
    more = (
        *_log(cosign),
        *_unknown(cosign, *("key", "keyless", "ctlog", "certificate", "source", "tuf", "annotations")),
    )
    if cosign.value.get("annotations"):
        message = "annotations that a signature has to state: write them as `claims` in `signatures`"
        more = (*more, Remark(effect="weaker", where=cosign.at("annotations"), message=message))
    key, keyless = cosign.optional_object("key"), cosign.optional_object("keyless")
    if key is not None:
        yield from _by_key(key, cosign, names, name, folder, more)
    elif keyless is not None:
        yield from _by_identity(keyless, cosign, names, name, more)
    else:
        message = "a certificate of one's own is no signer here"
        yield Remark(effect="not imported", where=cosign.at("certificate"), message=message)


def _log(cosign: Fields) -> Iterator[Remark]:
    if cosign.value.get("source") is not None:
        message = "signatures elsewhere are not looked for here: only what lies beside the image counts"
        yield Remark(effect="stronger", where=cosign.at("source"), message=message)
    log = cosign.optional_object("ctlog")
    for name in ("insecureIgnoreTlog", "insecureIgnoreSCT"):
        if log is not None and log.value.get(name) is True and cosign.value.get("keyless") is not None:
            message = "here a keyless signature needs a proven time, and a certificate its log"
            yield Remark(effect="stronger", where=log.at(name), message=message)


def _by_key(
    key: Fields, cosign: Fields, names: Names, name: str, folder: str, remarks: Sequence[Remark]
) -> Iterator[Party | Remark]:
    pems = keys_in(key.go_text("data") or "")
    if not pems:
        message = "the key is elsewhere (a variable, a Secret or a KMS): write its public half to a file"
        yield Remark(effect="not imported", where=key.at(""), message=message)
    log = cosign.optional_object("ctlog")
    more = list(remarks)
    # Where nothing is said, Kyverno wants it in the public log (`pkg/imageverification/imageverifiers/cosign/opts.go`).
    if log is None or log.value.get("insecureIgnoreTlog") is not True:
        message = "the signature had to be in a transparency log; a key's signature counts without one here"
        more.append(Remark(effect="weaker", where=cosign.at("ctlog"), message=message))
    algorithm = jws_algorithm(key.go_text("hashAlgorithm"))
    for pem in pems:
        yield key_party(names.fresh(name), pem, where=key.at("data"), folder=folder, algorithm=algorithm, remarks=more)


def _by_identity(
    keyless: Fields, cosign: Fields, names: Names, name: str, remarks: Sequence[Remark]
) -> Iterator[Party | Remark]:
    log = cosign.optional_object("ctlog")
    url = None if log is None else log.go_text("url")
    own = [each for each in ("rekorPubKey", "ctLogPubKey", "tsaCertChain") if log is not None and log.value.get(each)]
    roots = keyless.value.get("root") or keyless.value.get("roots") or cosign.value.get("tuf")
    if roots or own or (url is not None and not is_public_rekor(url)):
        message = "an instance of Sigstore's of one's own: give its trusted root in [sigstore], and add the signer"
        yield Remark(effect="not imported", where=keyless.at("root"), message=message)
        return
    for each in keyless.objects("identities", most=MAX_ITEMS):
        subject = each.go_text("subject") or ""
        yield keyless_party(
            names.fresh(name),
            where=each.at(""),
            issuer=each.go_text("issuer") or "",
            issuer_regexp=each.go_text("issuerRegExp") or "",
            identity=exact(subject),
            identity_regexp=each.go_text("subjectRegExp") or "",
            remarks=(*remarks, *_unknown(each, "issuer", "subject", "issuerRegExp", "subjectRegExp")),
        )


def _unknown(fields: Fields, *known: str) -> Iterator[Remark]:
    for where in beside(fields, *known):
        yield Remark(effect="weaker", where=where, message="is not known here, and may demand something")
