"""policy-controller's `ClusterImagePolicy` (policy.sigstore.dev v1alpha1, v1beta1).

* any one authority of a policy suffices: those that cannot be imported are left out, and what is left is stricter
* what demands more than a signature (attestations, CUE, Rego, the log of a key's signature) has no equal, and makes a
  rule weaker; what lets pass without a signature (`static`, `mode: warn`) makes it stricter
* every policy that matches an image has to hold there

Source: policy-controller `pkg/apis/policy/v1beta1/clusterimagepolicy_types.go`, `pkg/apis/glob/glob.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
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
from verifier.trust.importing.images import of_policy_controller
from verifier.trust.importing.instances import is_public_fulcio, is_public_rekor

GROUPS: Final = ("policy.sigstore.dev/v1beta1", "policy.sigstore.dev/v1alpha1")
KIND: Final = "ClusterImagePolicy"
UNORDERED: Final = 'version = "none"  # the source orders nothing: docs/monotonicity.md says what to write instead'


class _Authority(Value):
    parties: tuple[Party, ...]
    remarks: tuple[Remark, ...]


def read(found: Sequence[Fields], *, source: str, folder: str) -> Draft:
    """The draft of these documents; raises `Refused`, `ConfigurationError` where there is nothing to import."""
    policies = [each for each in found if each.value.get("kind") == KIND]
    if not policies:
        raise ConfigurationError(f"there is no {KIND} in it", where=source)
    names, origins = Names(), Origins()
    rules = [rule for each in policies for rule in _rules(each, names, folder, origins)]
    left = [str(each.value.get("kind")) for each in found if each.value.get("kind") != KIND]
    remarks = [Remark(effect="not imported", where=kind, message="it is no policy of images") for kind in left]
    return Draft(source=source, rules=together(rules), remarks=tuple(remarks))


def _rules(document: Fields, names: Names, folder: str, origins: Origins) -> Iterator[Wanted]:
    name = document.object("metadata").text("name")
    origin = origins.fresh(f"{KIND} {name}")
    spec = document.object("spec")
    authorities = [
        _authority(each, names, folder, f"{name}-{at}", spec)
        for at, each in enumerate(spec.objects("authorities", most=MAX_ITEMS, required=False))
    ]
    parties = tuple(party for each in authorities for party in each.parties)
    remarks = (*_of_spec(spec), *(remark for each in authorities for remark in each.remarks))
    for image in spec.objects("images", most=MAX_ITEMS):
        glob = image.text("glob")
        found = of_policy_controller(glob)
        wider = (
            (Remark(effect="weaker", where=image.at("glob"), message=f"{glob} becomes wider here: {found.wider}"),)
            if found.wider
            else ()
        )
        unknown = tuple(_unknown(image, "glob"))
        yield Wanted(
            pattern=found.pattern,
            origin=origin,
            parties=parties,
            lines=(UNORDERED,),
            remarks=(*wider, *unknown, *remarks),
        )


def _of_spec(spec: Fields) -> Iterator[Remark]:
    mode = spec.optional_text("mode") or "enforce"
    if mode != "enforce":
        yield Remark(
            effect="stronger", where=spec.at("mode"), message=f"{mode} let it pass with a warning; here it is denied"
        )
    if spec.value.get("policy") is not None:
        message = "a policy over all signatures is not read here; write it as `organisation` (Rego)"
        yield Remark(effect="weaker", where=spec.at("policy"), message=message)
    if spec.value.get("match"):
        message = "it held for some resources; here it holds for every use of the image"
        yield Remark(effect="weaker", where=spec.at("match"), message=message)
    yield from _unknown(spec, "images", "authorities", "policy", "mode", "match")


def _authority(fields: Fields, names: Names, folder: str, usual: str, spec: Fields) -> _Authority:
    del spec
    name = fields.go_text("name") or usual
    demands = list(_demands(fields))
    key, keyless = fields.optional_object("key"), fields.optional_object("keyless")
    static = fields.optional_object("static")
    made: list[Party | Remark] = []
    if static is not None:
        made.append(_static(static))
    elif key is not None:
        made += _by_key(key, names, name, folder, (*demands, *_log_of_key(fields)))
    elif keyless is not None:
        made += _by_identity(keyless, fields, names, name, demands)
    else:
        made.append(Remark(effect="not imported", where=fields.at(""), message="it names neither key nor identities"))
    parties = tuple(each for each in made if isinstance(each, Party))
    return _Authority(parties=parties, remarks=tuple(each for each in made if isinstance(each, Remark)))


def _static(static: Fields) -> Remark:
    if static.text("action") == "pass":
        return Remark(
            effect="stronger", where=static.at("action"), message="it let unsigned images pass; here nothing does"
        )
    return Remark(
        effect="the same", where=static.at("action"), message="it denied; what no rule accepts is denied here"
    )


def _demands(fields: Fields) -> Iterator[Remark]:
    """What an authority demands besides a signature."""
    for each in fields.objects("attestations", most=MAX_ITEMS, required=False):
        predicate = each.optional_text("predicateType") or "?"
        message = (
            f"an attestation of type {predicate} had to be there; here a plain signature suffices. See `provenance`, "
            "`sbom` and `vulnerabilities` in docs/trust-policy.md"
        )
        yield Remark(effect="weaker", where=each.at("predicateType"), message=message)
        if each.value.get("policy") is not None:
            yield Remark(
                effect="weaker", where=each.at("policy"), message="CUE and Rego over attestations are not imported"
            )
    if fields.value.get("rfc3161timestamp") is not None:
        message = "a timestamp of that authority had to be there; give its root in [sigstore]"
        yield Remark(effect="weaker", where=fields.at("rfc3161timestamp"), message=message)
    for each in fields.objects("source", most=MAX_ITEMS, required=False):
        message = "signatures elsewhere are not looked for here: only what lies beside the image counts"
        yield Remark(effect="stronger", where=each.at(""), message=message)
    if (form := fields.optional_text("signatureFormat")) is not None:
        message = f"{form}: here the signer's signatures count in both formats (`formats` in `signatures` limits that)"
        yield Remark(effect="the same", where=fields.at("signatureFormat"), message=message)
    yield from _unknown(
        fields,
        *("name", "key", "keyless", "static", "source", "ctlog", "attestations", "rfc3161timestamp"),
        "signatureFormat",
    )


def _log_of_key(fields: Fields) -> Iterator[Remark]:
    log = fields.optional_object("ctlog")
    if log is not None and log.value:
        message = "the signature had to be in a transparency log; a key's signature counts without one here"
        yield Remark(effect="weaker", where=fields.at("ctlog"), message=message)


def _by_key(key: Fields, names: Names, name: str, folder: str, remarks: Sequence[Remark]) -> Iterator[Party | Remark]:
    unknown = tuple(_unknown(key, "secretRef", "data", "kms", "hashAlgorithm"))
    data, where = key.go_text("data"), key.at("data")
    if data is None:
        for kind, message in (
            ("kms", "a key in a KMS: export its public half to a file"),
            ("secretRef", "a key in a Secret: write its public half to a file (`kubectl get secret`)"),
        ):
            if key.value.get(kind) is not None:
                yield Remark(effect="not imported", where=key.at(kind), message=message)
        return
    algorithm = jws_algorithm(key.go_text("hashAlgorithm"))
    pems = keys_in(data)
    if not pems:
        yield Remark(effect="not imported", where=where, message="no key in PEM is in it")
        return
    for pem in pems:
        yield key_party(
            names.fresh(name), pem, where=where, folder=folder, algorithm=algorithm, remarks=(*remarks, *unknown)
        )


def _by_identity(
    keyless: Fields, authority: Fields, names: Names, name: str, remarks: Sequence[Remark]
) -> Iterator[Party | Remark]:
    url, log = keyless.go_text("url"), authority.optional_object("ctlog")
    own = [each for each in ("ca-cert", "trustRootRef") if keyless.value.get(each)]
    if own or (url is not None and not is_public_fulcio(url)) or not _public_log(log):
        message = "an instance of Sigstore's of one's own: give its trusted root in [sigstore], and add the signer"
        yield Remark(effect="not imported", where=keyless.at(own[0] if own else "url"), message=message)
        return
    more = list(remarks)
    if log is None or not log.value:
        message = "here a keyless signature needs a time that a log or an authority proves"
        more.append(Remark(effect="stronger", where=authority.at("ctlog"), message=message))
    if keyless.value.get("insecureIgnoreSCT") is True:
        message = "here a certificate has to be in a certificate log"
        more.append(Remark(effect="stronger", where=keyless.at("insecureIgnoreSCT"), message=message))
    more += _unknown(keyless, "url", "identities", "ca-cert", "trustRootRef", "insecureIgnoreSCT")
    for each in keyless.objects("identities", most=MAX_ITEMS, required=False):
        unknown = tuple(_unknown(each, "issuer", "subject", "issuerRegExp", "subjectRegExp"))
        yield keyless_party(
            names.fresh(name),
            where=each.at(""),
            issuer=each.go_text("issuer") or "",
            issuer_regexp=each.go_text("issuerRegExp") or "",
            identity=exact(each.go_text("subject") or ""),
            identity_regexp=each.go_text("subjectRegExp") or "",
            remarks=(*more, *unknown),
        )
    if not keyless.value.get("identities"):
        yield Remark(effect="not imported", where=keyless.at("identities"), message="it names nobody, and so anybody")


def exact(subject: str) -> str:
    """A subject is compared exactly there; a star would be a wildcard here, and is none that an identity has."""
    return "" if "*" in subject else subject


def _public_log(log: Fields | None) -> bool:
    if log is None or not log.value:
        return True
    url = log.go_text("url")
    return not log.value.get("trustRootRef") and (url is None or is_public_rekor(url))


def _unknown(fields: Fields, *known: str) -> Iterator[Remark]:
    for where in beside(fields, *known):
        yield Remark(effect="weaker", where=where, message="is not known here, and may demand something")
