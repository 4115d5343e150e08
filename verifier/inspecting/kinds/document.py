"""Documents that are neither artifacts nor attestations: reports, lists of checksums, trusted roots, manifests alone,
databases of records, and whatever is recognised only to be named.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from verifier.core.clock import format_rfc3339
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import MAX_JSON_DEPTH
from verifier.formats.checksums.listing import parse_listing
from verifier.formats.foreign.recognise import recognise
from verifier.formats.json import strict_json
from verifier.inspecting import checks
from verifier.inspecting.inspected import Check, Described, Fact, Given, facts, listing

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue

_KINDS: Final = ("bundle", "image", "artifact")
_SHOWN: Final = 20


def describe_report(given: Given) -> Described:
    """A document of ours, told by its schema; never raises for what it reads."""
    check = checks.check(
        "artifact", checks.ARTIFACT[0], "--policy", "POLICY.toml", unknown=(checks.ARTIFACT, checks.POLICY)
    )
    try:
        value = strict_json.loads(given.content, subject=given.name, max_depth=MAX_JSON_DEPTH)
    except Refused as refusal:
        return Described(what="a report of `verify`", check=check, faults=refusal.reasons)
    first = value[0] if isinstance(value, list) and value else value
    said = first if isinstance(first, dict) else {}
    audit = isinstance(said.get("audit"), dict)
    schema = said.get("schema")
    return Described(
        what=f"a report of {'an audit' if audit else '`verify`'} ({schema}), which nobody signed",
        check=_again(said, audit),
        facts=_report(said),
        kind="audit" if audit else "report",
    )


def _report(said: dict[str, JsonValue]) -> tuple[Fact, ...]:
    artifact, policy, reasons = said.get("artifact"), said.get("policy"), said.get("reasons")
    about = artifact if isinstance(artifact, dict) else {}
    codes = [each.get("code") for each in reasons if isinstance(each, dict)] if isinstance(reasons, list) else []
    return facts(
        verdict=_text(said, "verdict"),
        artifact=":".join(filter(None, (_text(about, "kind"), _text(about, "name")))),
        version=_text(about, "version"),
        resource=_text(about, "resourceUri"),
        time=_text(said, "timeVerified"),
        policy=_text(policy, "uri") if isinstance(policy, dict) else None,
        reasons=[each for each in codes if isinstance(each, str)][:_SHOWN],
        targets=_targets(said.get("audit")),
    )


def _targets(audit: JsonValue) -> list[str]:
    targets = audit.get("targets") if isinstance(audit, dict) else None
    return [each for each in targets if isinstance(each, str)][:_SHOWN] if isinstance(targets, list) else []


def _again(said: dict[str, JsonValue], audit: bool) -> Check:
    """Nobody has signed a report: what it says is checked by asking again."""
    if audit:
        target = ("TARGET", "what was audited")
        database = checks.DATABASE
        return checks.check("audit", "run", target[0], "--db", database[0], unknown=(target, database))
    artifact = said.get("artifact")
    about = artifact if isinstance(artifact, dict) else {}
    kind = _text(about, "kind")
    words = ["--policy", checks.POLICY[0], *checks.option("--name", _text(about, "name"))]
    command = kind if kind in _KINDS else "artifact"
    return checks.check(command, checks.ARTIFACT[0], *words, unknown=(checks.ARTIFACT, checks.POLICY))


def _text(value: JsonValue, name: str) -> str | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def describe_checksums(given: Given) -> Described:
    """A list of checksums; never raises for what it reads."""
    bundle = ("BUNDLE.json", "the signature of the list, beside which it was published")
    check = checks.check(
        "artifact", checks.reference_word(given.reference), "--bundle", bundle[0], "--key", checks.KEY[0],
        "--checksums", unknown=(bundle, checks.KEY),
    )  # fmt: skip
    what = "a list of checksums, which nobody signed"
    try:
        listed = parse_listing(given.content, subject=given.name)
    except Refused as refusal:
        return Described(what=what, check=check, faults=refusal.reasons)
    rows: list[tuple[JsonValue, ...]] = [(name, str(each)) for name, digests in listed.items() for each in digests]
    return Described(
        what=what, check=check, facts=facts(files=len(listed)), listings=(listing("files", ("path", "digest"), rows),)
    )


def describe_root(given: Given) -> Described:
    """A trusted root of Sigstore's; never raises for what it reads."""
    from verifier.signatures.sigstore.root import parse_roots  # noqa: PLC0415 - few roots are inspected

    root = checks.reference_word(given.reference)
    unknown = (checks.ARTIFACT, checks.IDENTITY, checks.ISSUER)
    words = ("--certificate-identity", "IDENTITY", "--certificate-oidc-issuer", "ISSUER")
    check = checks.check("artifact", checks.ARTIFACT[0], "--trusted-root", root, *words, unknown=unknown)
    what = "a Sigstore trusted root: whoever has it is believed, so get it from who runs the instance"
    try:
        roots = parse_roots(given.content, name=given.name)
    except ConfigurationError as error:
        fault = refuse("attestation.invalid", given.name, error.message, error.hint)
        return Described(what=what, check=check, faults=fault.reasons)
    rows: list[tuple[JsonValue, ...]] = []
    for each in roots:
        rows += [("certificate authority", found.uri, str(found.window)) for found in each.certificate_authorities]
        rows += [("transparency log", found.url, str(found.window)) for found in each.logs]
        rows += [("certificate log", found.url, str(found.window)) for found in each.certificate_logs]
        rows += [("timestamp authority", found.uri, str(found.window)) for found in each.timestamp_authorities]
    return Described(
        what=what,
        check=check,
        facts=facts(instances=len(roots)),
        listings=(listing("authorities", ("kind", "where", "counts"), rows),),
    )


def describe_database(given: Given) -> Described:
    """A database of records of vulnerabilities; never raises for what it reads."""
    from verifier.audit.database.opening import open_database  # noqa: PLC0415 - few databases are inspected

    what = "a database of records of vulnerabilities"
    reference = checks.reference_word(given.reference)
    check = checks.check("audit", "db", "show", "--db", reference, "--check")
    if given.path is None:
        return Described(what=what, check=check)
    try:
        with open_database(given.path) as database:
            info = database.info
    except Refused as refusal:
        return Described(what=what, check=check, faults=refusal.reasons)
    return Described(
        what=what,
        check=check,
        facts=facts(
            digest=info.digest,
            data_of=format_rfc3339(info.data_date),
            imported=format_rfc3339(info.imported_at),
            records=[f"{name} {count}" for name, count in info.ecosystems],
            left_out=info.refused,
        ),
    )


def describe_signatures(given: Given) -> Described:
    """OPA's signatures, taken out of their bundle; never raises for what it reads."""
    from verifier.core.reading import ReadingMode  # noqa: PLC0415 - few are taken out
    from verifier.inspecting.claims.token import claim_of_token  # noqa: PLC0415 - as above

    unknown = (("BUNDLE", "the bundle that they were taken from"), checks.KEY)
    claim = claim_of_token(given.content, mode=ReadingMode.STRICT, where=given.name)
    return Described(
        what="the signatures of a policy bundle (.signatures.json), taken out of it",
        check=checks.check("bundle", "BUNDLE", "--key", checks.KEY[0], unknown=unknown),
        claims=(claim,),
    )


def describe_foreign(given: Given) -> Described:
    """What is recognised, and not taken apart: what it is, and what to do with it."""
    foreign = recognise(given.content)
    unknown = (("BUNDLE.json", "the signature or attestation of it"), checks.KEY)
    reference = checks.reference_word(given.reference)
    check = checks.check("artifact", reference, "--attestation", "BUNDLE.json", "--key", checks.KEY[0], unknown=unknown)
    if foreign is None:
        what = "a file of a kind that is not recognised"
        with suppress(UnicodeDecodeError):
            given.content[:4096].decode()
            what = "a text of a kind that is not recognised" if given.content else what
        return Described(what=what, check=check)
    return Described(what=foreign.what, check=check, facts=facts(to_do=foreign.todo))
