"""OPA's `.signatures.json`: one JWS over the digests of a bundle's files.

Source: https://www.openpolicyagent.org/docs/management-bundles/#signing, OPA `v1/bundle/verify.go`.

* exactly one JWS, by OPA's default plugin
* the algorithm is one that the trust policy's signer is for; the header must name that same one
* header `kid` and claim `keyid`, where both are present, are equal
* `exp` and `nbf` bound the signature's life; whether `iat` lies ahead is for the rules of monotonicity to say
* the claims are parsed once, from the bytes whose signature is verified; duplicate and case-variant keys are refused

`opa-compat` relaxes what OPA does not look at: another `alg` in the header (the signer's own is used), names listed
twice (the last counts), trailing bytes and unknown fields beside `signatures`. Duplicate and case-variant keys stay
refused, and `exp` and `nbf` stay in force.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from operator import itemgetter
from typing import Final, NamedTuple, cast

from verifier.core.clock import format_rfc3339
from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import HASHED, KEY_OPERATION
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_DOCUMENT_BYTES, MAX_ENVELOPE_DEPTH, MAX_FINDINGS, MAX_MEMBERS
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.opa.jws import CompactJws, parse_compact
from verifier.signatures import keys
from verifier.signatures.budget import operations_of
from verifier.signatures.candidates import Attempt, Candidates
from verifier.signatures.interface import ProvenSigner

_ALGORITHMS: Final = keys.KEY_ALGORITHMS | keys.HMAC_ALGORITHMS
_FILE_KEYS: Final = frozenset({"name", "hash", "algorithm"})
_NAME_HASH_ALGORITHM: Final = itemgetter("name", "hash", "algorithm")
_COPIES: Final = 6
"""Bytes of memory that a token takes for each of its own while it is taken apart."""
_CLAIMS: Final = ("files", "keyid", "scope", "iat", "exp", "nbf", "iss", "exclude_files")


class SignedFile(NamedTuple):
    """One file that the signature covers: OPA's name of it, its digest in lower-case hex, OPA's name of the hash.

    None of the three is judged here: whoever compares digests finds out what is not one.
    """

    name: str
    hash: str
    algorithm: str


class OpaSignature(Value):
    """A `.signatures.json` whose signature verified: by whom, over what, for what scope and time.

    `listed` has name, digest and hash of every file as plain tuples: thousands of them are kept.
    """

    signer: ProvenSigner
    listed: tuple[tuple[str, str, str], ...] = field(repr=False)
    scope: str | None
    signed_time: datetime | None
    expires: datetime | None
    keyid: str | None
    findings: tuple[Reason, ...] = ()

    @property
    def files(self) -> tuple[SignedFile, ...]:
        """The files that are `listed`, with names to their parts; made when asked for."""
        return tuple(map(SignedFile._make, self.listed))


class Claims(Value):
    """What the payload of a token states, whoever signed it."""

    listed: tuple[tuple[str, str, str], ...]
    scope: str | None
    keyid: str | None
    issued: datetime | None
    expires: datetime | None
    not_before: datetime | None
    findings: tuple[Reason, ...]


def verify_opa_signatures(
    document: bytes,
    *,
    signers: Sequence[Signer],
    now: datetime,
    mode: ReadingMode,
    subject: str,
    budget: Budget | None = None,
) -> OpaSignature:
    """Verify the bytes of a `.signatures.json` against `signers`; raises `Refused` with every reason."""
    budget = Budget(sent=len(document)) if budget is None else budget
    token, findings = single_token(document, mode, subject, budget)
    # Its three parts, as text and as bytes, stand there at once.
    budget.pass_through(_COPIES * len(token), subject=subject)
    jws = parse_compact(token, subject=subject, mode=mode)
    claims = _parse_claims(jws.payload, mode, subject, budget)
    keyid = _agreed_key_id(jws.kid, claims.keyid, subject)
    candidates = Candidates(signers, hmac_allowed=True)
    named = candidates.named(keyid)
    attempts, differences = _attempts(jws, named, candidates.attempts(keyid), mode, subject)
    budget.spend(KEY_OPERATION, operations_of(algorithm for _, algorithm in attempts), subject=subject)
    budget.spend(HASHED, len(attempts) * len(jws.signing_input), subject=subject)
    makers = [each for each in attempts if each[0].verifies(each[1], jws.signing_input, jws.signature)]
    if not makers:
        _explain(jws, attempts, candidates, subject, budget)
    if not makers and differences and mode is ReadingMode.STRICT:
        raise Refused(*differences)
    tried = ", ".join(sorted({candidate.signer.name for candidate, _ in attempts}))
    if not makers and not named:
        raise _nobody(keyid, tried, subject)
    if not makers:
        raise refuse("signature.invalid", subject, f"the signature does not verify with the key of {tried}")
    maker, objections = candidates.believed(makers, now)
    reasons = objections + _untimely(claims, now, subject)
    if maker is None or reasons:
        raise Refused(*reasons)
    candidate, algorithm = maker
    return OpaSignature(
        signer=candidate.proven(algorithm, claims.issued),
        listed=claims.listed,
        scope=claims.scope,
        signed_time=claims.issued,
        expires=claims.expires,
        keyid=keyid,
        findings=(*findings, *jws.findings, *claims.findings, *(each for each in differences if not each.is_error)),
    )


def stated(document: bytes, *, mode: ReadingMode, subject: str) -> tuple[CompactJws, Claims]:
    """The one token of a `.signatures.json`, and what it claims: read strictly, nothing verified; raises `Refused`."""
    budget = Budget(sent=len(document))
    token, _ = single_token(document, mode, subject, budget)
    jws = parse_compact(token, subject=subject, mode=mode)
    return jws, _parse_claims(jws.payload, mode, subject, budget)


def single_token(document: bytes, mode: ReadingMode, subject: str, budget: Budget) -> tuple[str, list[Reason]]:
    """The one JWS in a `.signatures.json`, nothing verified, and what was found on the way; raises `Refused`."""
    if len(document) > MAX_DOCUMENT_BYTES:
        message = f"the signatures take {len(document)} bytes, expected at most {MAX_DOCUMENT_BYTES}"
        raise refuse("input.too-large", subject, message)
    findings: list[Reason] = []
    value = _load(document, mode, subject, findings, budget)
    fields = Fields.of(value, code="signature.invalid", subject=subject).known("signatures", "plugin", "exclude_files")
    unknown = [name for name in fields.value if name not in ("signatures", "plugin")]
    _differ(findings, mode, "signature.unsupported", subject, [f"the field {name!r} is unknown" for name in unknown])
    if fields.value.get("plugin", "_default") not in ("_default", ""):
        raise refuse("signature.unsupported", subject, "the signature is by a plugin, expected OPA's default")
    tokens = fields.array("signatures", most=MAX_MEMBERS)
    if not tokens:
        raise refuse("signature.missing", subject, "the list of signatures is empty, expected exactly one JWS")
    if len(tokens) > 1:
        raise refuse("signature.unsupported", subject, f"there are {len(tokens)} signatures, expected exactly one JWS")
    return fields.texts("signatures", most=1)[0], findings


def _load(
    document: bytes, mode: ReadingMode, subject: str, findings: list[Reason], budget: Budget
) -> strict_json.JsonValue:
    try:
        return strict_json.loads(document, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    except Refused as refusal:
        if mode is ReadingMode.STRICT or refusal.reasons[0].code != "json.trailing-data":
            raise
        return strict_json.parse_like_go(
            document,
            subject=subject,
            max_depth=MAX_ENVELOPE_DEPTH,
            findings=findings,
            ignore_trailing=True,
            budget=budget,
        ).value


def _parse_claims(payload: bytes, mode: ReadingMode, subject: str, budget: Budget) -> Claims:
    value = strict_json.loads(payload, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    fields = Fields.of(value, code="signature.invalid", subject=subject, path="payload").known(*_CLAIMS)
    if "exclude_files" in fields.value:
        raise refuse("signature.unsupported", subject, "the payload excludes files from the signature")
    findings: list[Reason] = []
    return Claims(
        listed=tuple(_listed(fields, mode, findings)),
        scope=fields.go_text("scope"),
        keyid=fields.key_id("keyid"),
        issued=_numeric_date(fields, "iat"),
        expires=_numeric_date(fields, "exp"),
        not_before=_numeric_date(fields, "nbf"),
        findings=tuple(findings),
    )


def _listed(fields: Fields, mode: ReadingMode, findings: list[Reason]) -> Iterable[tuple[str, str, str]]:
    items = fields.array("files", most=MAX_MEMBERS)
    listed = _plain_entries(items) or [_entry(item, fields.subject) for item in items]
    if len(set(map(itemgetter(0), listed))) == len(listed):
        return listed
    repeated = [name for name, count in Counter(name for name, _, _ in listed).items() if count > 1]
    messages = [f"the file {name!r} is listed twice" for name in repeated]
    _differ(findings, mode, "digest.extra", fields.subject, messages)
    return {entry[0]: entry for entry in listed}.values()


def _plain_entries(items: Sequence[strict_json.JsonValue]) -> list[tuple[str, str, str]] | None:
    """All of them, where each is an object of three texts under the right names; else None, and `_entry` says why."""
    # A bundle has thousands of these: accepting is quick, explaining a refusal is another matter.
    if set(map(type, items)) != {dict}:
        return None
    objects = cast("Sequence[dict[str, str]]", items)
    try:
        entries = list(map(_NAME_HASH_ALGORITHM, objects))
    except KeyError:
        return None
    if set(map(len, objects)) != {len(_FILE_KEYS)} or set(map(type, chain.from_iterable(entries))) != {str}:
        return None
    written = "".join([digest for _, digest, _ in entries])
    if written == written.lower():
        return entries
    return [(name, digest.lower(), algorithm) for name, digest, algorithm in entries]


def _entry(item: strict_json.JsonValue, subject: str) -> tuple[str, str, str]:
    if isinstance(item, dict) and len(item) == len(_FILE_KEYS):
        name, digest, algorithm = item.get("name"), item.get("hash"), item.get("algorithm")
        if isinstance(name, str) and isinstance(digest, str) and isinstance(algorithm, str):
            return name, digest.lower(), algorithm
    raise _file_refusal(Fields.of(item, code="signature.invalid", subject=subject, path="payload.files[]"))


def _file_refusal(item: Fields) -> Refused:
    item.known(*_FILE_KEYS, closed=True)
    missing = [name for name in sorted(_FILE_KEYS) if not isinstance(item.value.get(name), str)]
    return item.refusal(missing[0], "is missing or not a string")


def _numeric_date(fields: Fields, name: str) -> datetime | None:
    """A JWT NumericDate: seconds since 1970, in which a fraction is allowed (RFC 7519, section 2)."""
    value = fields.value.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise fields.refusal(name, "is not a time, expected seconds since 1970")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise fields.refusal(name, f"is out of range: {error}") from error


def _agreed_key_id(kid: str | None, claim: str | None, subject: str) -> str | None:
    if kid is not None and claim is not None and kid != claim:
        message = f"the header's kid is {kid!r} and the claim keyid is {claim!r}, expected one key"
        raise refuse("signature.invalid", subject, message)
    return kid or claim


def _attempts(
    jws: CompactJws, named: list[Attempt], all_of_them: list[Attempt], mode: ReadingMode, subject: str
) -> tuple[list[Attempt], list[Reason]]:
    """The attempts worth making, of those whom the key id names and of all; and what the header got wrong, which denies
    where none of them made the signature."""
    if mode is ReadingMode.STRICT and jws.algorithm not in _ALGORITHMS:
        raise refuse("signature.unsupported", subject, f"the algorithm {jws.algorithm!r} is unknown")
    fitting = [each for each in all_of_them if each[1] == jws.algorithm]
    if not named or any(each[1] == jws.algorithm for each in named):
        return fitting, []
    expected = ", ".join(sorted({algorithm for _, algorithm in named}))
    message = f"the header's algorithm is {jws.algorithm!r}, the signer's is {expected}"
    reason = Reason(code="signature.algorithm-mismatch", subject=subject, message=message)
    if mode is ReadingMode.STRICT:
        return fitting, [reason]
    return [*fitting, *(each for each in named if each[1] in _ALGORITHMS)], [reason.as_warning()]


def _explain(jws: CompactJws, attempts: list[Attempt], candidates: Candidates, subject: str, budget: Budget) -> None:
    """Refuse by name what the right key signed in a way that is not taken: to say so, never to prove."""
    others = candidates.otherwise(jws.algorithm)
    tried = [*others, *(attempts if jws.algorithm.startswith("PS") else ())]
    budget.spend(KEY_OPERATION, operations_of(algorithm for _, algorithm in tried), subject=subject)
    budget.spend(HASHED, len(tried) * len(jws.signing_input), subject=subject)
    for each, algorithm in tried:
        if not each.verifies(algorithm, jws.signing_input, jws.signature, any_salt=True):
            continue
        if algorithm.startswith("PS") and not each.verifies(algorithm, jws.signing_input, jws.signature):
            raise _salted(each.signer.name, algorithm, subject)
        message = f"the key of {each.signer.name!r} made it with {algorithm}, and the policy does not take that from it"
        hint = (
            f'Write `algorithms = ["{algorithm}"]` under its table in [signers] (without a policy file: --algorithm'
            f" {algorithm}), or sign with the algorithm that is there."
        )
        raise refuse("signature.algorithm-mismatch", subject, message, hint)


def _salted(name: str, algorithm: str, subject: str) -> Refused:
    # RFC 7518, section 3.5. Measured: OPA 0.70 and 1.0 sign and verify the longest salt, OPA 1.22 refuses it.
    message = (
        f"the key of {name!r} made it with {algorithm} and another salt than RFC 7518 has, as OPA before 1.22 does"
    )
    hint = "OPA 1.22 refuses it as well: sign with that, with `verify sign bundle`, or with RS256."
    return refuse("signature.unsupported", subject, message, hint)


def _nobody(keyid: str | None, tried: str, subject: str) -> Refused:
    if keyid is None:
        return refuse("signer.untrusted", subject, "no signer is allowed here")
    usual = ", which OPA writes where it is given no other" if keyid == "default" else ""
    seen = f"no signer allowed here answers to key id {keyid!r}{usual}"
    seen += (
        f", and it does not verify with the key of {tried}"
        if tried
        else ", and no key allowed here is for its algorithm"
    )
    return refuse("signer.untrusted", subject, seen)


def _untimely(claims: Claims, now: datetime, subject: str) -> list[Reason]:
    reasons = []
    if claims.expires is not None and now >= claims.expires:
        message = f"the signature expired at {format_rfc3339(claims.expires)}, now is {format_rfc3339(now)}"
        reasons.append(Reason(code="freshness.expired", subject=subject, message=message))
    if claims.not_before is not None and now < claims.not_before:
        message = f"the signature is valid from {format_rfc3339(claims.not_before)}, now is {format_rfc3339(now)}"
        reasons.append(Reason(code="freshness.not-yet-valid", subject=subject, message=message))
    return reasons


def _differ(findings: list[Reason], mode: ReadingMode, code: str, subject: str, messages: Sequence[str]) -> None:
    """Refuse for `messages` in strict mode; in `opa-compat` note them as warnings."""
    reasons = [Reason(code=code, subject=subject, message=message) for message in messages[:MAX_FINDINGS]]
    if reasons and mode is ReadingMode.STRICT:
        raise Refused(*reasons)
    findings.extend(reason.as_warning() for reason in reasons)
