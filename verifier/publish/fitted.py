"""A trust policy that fits a bundle: written from what the bundle says, and tried on it before anybody gets it.

* a bundle that the key does not verify gets no policy; nor does one that does not pass under what was written
* what the bundle states is demanded from now on: its name, its algorithm, its version as the lowest, its time
* what it does not state is said, with what would give it: in the policy, and to whoever asked
* the bundle chooses no key, and the header no algorithm: it is believed only because the given key verifies it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.engine.facade import verify
from verifier.formats.opa.jws import parse_compact
from verifier.kinds.bundle.artifact import Bundle, read_bundle
from verifier.signatures import keys
from verifier.signatures.opa_jws import OpaSignature, single_token, verify_opa_signatures
from verifier.trust.template import quote, starter_policy
from verifier.trust.vocabulary import is_plain_name
from verifier.versions.advice import fitting
from verifier.versions.schemes import Scheme

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine
    from verifier.trust.model import TrustPolicy

_SIGNER = "release"
_FRESH = timedelta(days=90)
"""How old a signature may be under the starter policy."""
_COLUMN = 60


class Asked(NamedTuple):
    """What is known beside the bundle: the public key's path, as the policy is to name it, and its PEM.

    The rule is for `artifact` (kind:name); by default for the name that the signature's scope says, else for `called`.
    """

    key: str
    pem: bytes
    called: str
    artifact: str | None
    policy_id: str
    now: datetime


class Fitted(NamedTuple):
    """The policy's text, the artifact that its rule is for, and what the bundle could not give it."""

    text: str
    artifact: str
    lacks: tuple[str, ...]


class _Section(NamedTuple):
    """Lines of a section, and what the bundle lacks for a better one, or ""."""

    lines: str
    lacks: str = ""


def fitted_policy(
    content: bytes, asked: Asked, *, parse: Callable[[str], TrustPolicy], rego: RegoEngine | None = None
) -> Fitted:
    """A policy under which the bundle in `content` passes; raises `Refused` where there is none.

    `parse` reads a policy's text with the files that it names; `rego` compiles the bundle's modules.
    """
    bundle = read_bundle(content, name=asked.called, resource_uri="")
    signature = _proven(bundle, asked.pem, asked.now)
    name = _name(signature, asked.called) if asked.artifact is None else asked.artifact.partition(":")[2]
    sections = {
        "name": _binding(bundle, signature, name),
        "version": _version(bundle, signature),
        "freshness": _freshness(signature, asked.now),
    }
    fitted, denied = _tried(content, asked, name, signature, sections, parse, rego)
    if denied and all(reason.code.startswith("capability.") for reason in denied):
        lacks = f"no list of denied builtins: {denied[0].subject} {denied[0].message}; write down which it may not call"
        sections["capabilities"] = _Section('# capabilities = { deny = ["http.send"] }\n', lacks)
        fitted, denied = _tried(content, asked, name, signature, sections, parse, rego)
    if denied:
        raise Refused(*denied)
    return fitted


def _tried(
    content: bytes,
    asked: Asked,
    name: str,
    signature: OpaSignature,
    sections: Mapping[str, _Section],
    parse: Callable[[str], TrustPolicy],
    rego: RegoEngine | None,
) -> tuple[Fitted, list[Reason]]:
    """The policy, and why the bundle does not pass under it."""
    fitted = _written(asked, f"bundle:{name}", signature, sections)
    verdict = verify(content, name=name, policy=parse(fitted.text), now=asked.now, rego=rego).verdict
    return fitted, [reason for reason in verdict.reasons if reason.is_error]


def _proven(bundle: Bundle, pem: bytes, now: datetime) -> OpaSignature:
    """The bundle's signature, which the given key verifies by the algorithm that the signature names."""
    subject = f"{bundle.reference}/.signatures.json"
    if bundle.signatures is None:
        hint = "Sign it (`opa build --signing-key`, `verify sign bundle`), or leave --from away."
        raise refuse("signature.missing", bundle.reference, "the bundle carries no signature", hint)
    token, _ = single_token(bundle.signatures, ReadingMode.STRICT, subject, Budget(sent=len(bundle.signatures)))
    named = parse_compact(token, subject=subject, mode=ReadingMode.STRICT).algorithm
    usable = keys.algorithms_of(keys.load_public_key(pem, where="--key"))
    if named not in usable:
        message = f"the signature is by {named}, and the key given is for {', '.join(usable)}"
        raise refuse("signature.algorithm-mismatch", subject, message, "Give the key that signed the bundle.")
    signer = Signer(name=_SIGNER, kid=_SIGNER, public_key=pem, algorithms=(named,), answers_any_kid=True)
    return verify_opa_signatures(bundle.signatures, signers=[signer], now=now, mode=ReadingMode.STRICT, subject=subject)


def _name(signature: OpaSignature, called: str) -> str:
    scope = signature.scope
    return scope if scope is not None and is_plain_name(scope) else called


def _written(asked: Asked, artifact: str, signature: OpaSignature, sections: Mapping[str, _Section]) -> Fitted:
    lacks = tuple(section.lacks for section in sections.values() if section.lacks)
    text = starter_policy(
        policy_id=asked.policy_id,
        artifact=artifact,
        key=asked.key,
        signer="".join(_about(signature)),
        instead={
            name: (f"# The bundle has {section.lacks}.\n" if section.lacks else "") + section.lines
            for name, section in sections.items()
        },
    )
    return Fitted(text=text, artifact=artifact, lacks=lacks)


def _about(signature: OpaSignature) -> Iterator[str]:
    """What is said of the signer: what the signature shows, and its default is not."""
    if signature.keyid is not None and signature.keyid.isprintable():
        yield _line(f"kid = {quote(signature.keyid)}", "what its signatures say; a signer counts by its key")
    yield _line(f'algorithms = ["{signature.signer.algorithm}"]', "no other is taken from this key")


def _binding(bundle: Bundle, signature: OpaSignature, name: str) -> _Section:
    if signature.scope == name:
        return _Section(_line('name = { from = "signature.scope" }', "signed for another name is not this one"))
    if signature.scope:
        source = f'name = {{ from = "signature.scope", equals = {quote(signature.scope)} }}'
        return _Section(_line(source, "signed for another name is not this one"))
    roots = bundle.manifest.roots if bundle.manifest is not None else ("",)
    if roots and all(root == name or root.startswith(f"{name}/") for root in roots):
        return _Section(_line('name = { from = "manifest.roots" }', "what has other roots is not this one"))
    lacks = 'no name that was signed: build with `scope` in a --claims-file, then name = { from = "signature.scope" }'
    return _Section(_line('name_binding = "none"', "what is signed for another name passes as this one"), lacks)


def _version(bundle: Bundle, signature: OpaSignature) -> _Section:
    revision = (bundle.manifest.revision if bundle.manifest is not None else None) or ""
    found = fitting(revision) if revision else None
    if found is not None:
        scheme, prefix = found
        behind = f", prefix = {quote(prefix)}" if prefix else ""
        source = f'version = {{ from = "manifest.revision", scheme = "{scheme.value}"{behind} }}'
        floor = revision.removeprefix(prefix)
        return _Section(
            _line(source, "older than what was accepted before is denied")
            + _line('first_use = "allow"', 'or "require-floor", "deny"')
            + _line(f"floor = {quote(floor)}", "this bundle's: never accept less, not even the first time")
        )
    seen = f"the revision {revision[:80]!r}, which has no order" if revision else "no revision"
    if signature.signed_time is not None:
        lacks = f"{seen}: releases are ordered by the time of signing; better `opa build --revision 1.4.0`"
        return _Section(_line(f'version = {{ from = "{Scheme.SIGNED_TIME.value}" }}', "an older one is denied"), lacks)
    lacks = f"{seen}: a replayed older bundle passes; build with `opa build --revision 1.4.0`"
    return _Section(_line('version = "none"', "nothing is compared with what was accepted before"), lacks)


def _freshness(signature: OpaSignature, now: datetime) -> _Section:
    if signature.signed_time is None:
        return _Section(
            '# freshness = "90d"\n', "no time of signing: a --claims-file with `iat` (seconds since 1970) gives it one"
        )
    if now - signature.signed_time > _FRESH:
        age = (now - signature.signed_time).days
        return _Section(
            '# freshness = "90d"\n', f"a signature of {age} days ago, which is too old to demand fresh ones"
        )
    return _Section(_line('freshness = "90d"', "a signature must not be older"))


def _line(said: str, why: str) -> str:
    return f"{said.ljust(_COLUMN - 1)} # {why}\n"
