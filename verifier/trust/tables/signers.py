"""`[signers.NAME]`: whom the rules may name.

* a signer is exactly one of `key`, `secret` and `keyless`; kids may repeat, as where keys of one name take turns
* a public key counts for itself, in whatever form its file has it; a private key or a certificate is an error
* an HMAC signer exists only where the policy names its algorithm, and never from a public key
* a keyless identity is of one kind, and never everybody's
* keys that have expired or soon will are named before they stop a release
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from verifier.core.clock import format_rfc3339
from verifier.core.signers.signer import Signer, key_of
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError, PublicKeyText
from verifier.trust import vocabulary
from verifier.trust.sections.signatures import SignatureRule

if TYPE_CHECKING:
    from verifier.core.signers.keyless import KeylessIdentity
    from verifier.formats.toml.table import Table
    from verifier.trust.model import TrustPolicy
    from verifier.trust.names import NamedFiles

KEYS = frozenset({"key", "secret", "keyless", "kms", "kid", "algorithms", "revoked", "not_before", "not_after"})
KEYLESS_KEYS = frozenset({"issuer", "identity", "issuer_regexp", "identity_regexp", "claims"})
CLAIMS = ("repository", "digest", "ref", "owner", "workflow", "trigger", "runner", "visibility")
"""Claims of a Fulcio certificate, OIDs 1.3.6.1.4.1.57264.1.11 to .22, under names of one word."""

_KINDS = ("key", "secret", "keyless")
_SOON = timedelta(days=30)
"""How long before a key's end a warning leaves time to replace it."""


def parse(top: Table, files: NamedFiles) -> dict[str, Signer]:
    """The policy's signers by name; raises `ConfigurationError`."""
    return {name: _signer(name, table, files) for name, table in top.named_tables("signers", KEYS)}


def _signer(name: str, table: Table, files: NamedFiles) -> Signer:
    kind = _kind(table)
    not_before, not_after = table.moment("not_before"), table.moment("not_after")
    if not_before is not None and not_after is not None and not_after < not_before:
        raise table.error("not_after", "lies before not_before: the signer would never be valid")
    algorithms = _algorithms(table, kind)
    key = _public_key(table, files) if kind == "key" else None
    if key is not None:
        algorithms = _key_algorithms(table, key, algorithms)
    return Signer(
        name=name,
        kid=table.optional_text("kid") or name,
        public_key=None if key is None else key.pem,
        secret=_secret(table, files, algorithms) if kind == "secret" else None,
        keyless=_keyless(table) if kind == "keyless" else None,
        algorithms=algorithms,
        not_before=not_before,
        not_after=not_after,
        revoked=table.flag("revoked", default=False),
        ignored=() if key is None else key.ignored,
    )


def _kind(table: Table) -> str:
    if "kms" in table.values:
        hint = "export the public key to a PEM file and name it with `key`"
        raise table.error("kms", "is not supported by this release", hint)
    given = [kind for kind in _KINDS if kind in table.values]
    if len(given) == 1:
        return given[0]
    seen = " and ".join(given) if given else "none of them"
    raise table.source.error(table.path, f"{table.spelled} must have one of {', '.join(_KINDS)}, and has {seen}")


def _algorithms(table: Table, kind: str) -> tuple[str, ...]:
    if "algorithms" not in table.values:
        if kind == "secret":
            raise table.error("secret", 'needs `algorithms = ["HS256"]` beside it: HMAC has to be asked for by name')
        return ()
    if kind == "keyless":
        raise table.error("algorithms", "has no effect on a keyless signer: the certificate's key has its own")
    names = table.texts("algorithms")
    return table.checked("algorithms", lambda: vocabulary.check_algorithms(names, secret=kind == "secret"))


def _public_key(table: Table, files: NamedFiles) -> PublicKeyText:
    path = table.required_text("key", vocabulary.check_path)
    content = files.read(table, "key", path)
    try:
        return read_public_key(content)
    except NoPublicKeyError as error:
        raise table.error("key", f"names {path!r}, which {error}", error.hint) from error


def _key_algorithms(table: Table, key: PublicKeyText, names: tuple[str, ...]) -> tuple[str, ...]:
    return table.checked("algorithms", lambda: vocabulary.check_key_algorithms(key, names))


def _secret(table: Table, files: NamedFiles, algorithms: tuple[str, ...]) -> bytes:
    path = table.required_text("secret", vocabulary.check_path)
    secret = files.read(table, "secret", path)
    return table.checked("secret", lambda: vocabulary.check_no_key(vocabulary.check_secret_length(secret, algorithms)))


def _keyless(signer: Table) -> KeylessIdentity:
    from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - who has keys needs none

    table = signer.required_table("keyless", KEYLESS_KEYS)
    claims = table.table("claims", frozenset(CLAIMS))
    regexps = tuple(name for name in ("issuer", "identity") if f"{name}_regexp" in table.values)
    said = {name: f"{name}_regexp" if name in regexps else name for name in ("issuer", "identity")}
    for name in regexps:
        if name in table.values:
            raise table.error(said[name], f"stands beside {name}: one of the two says who it is")
    return KeylessIdentity(
        issuer=table.required_text(
            said["issuer"], vocabulary.check_issuer_regexp if "issuer" in regexps else vocabulary.check_issuer
        ),
        identity=table.required_text(said["identity"], _identity_check(signer, regexp="identity" in regexps)),
        claims=() if claims is None else tuple((name, claims.text(name)) for name in sorted(claims.values)),
        regexps=regexps or None,
    )


def _identity_check(signer: Table, *, regexp: bool) -> Callable[[str], str]:
    """What is asked of an identity: a signer whom nobody believes any more may be as wide as can be."""
    if regexp:
        return vocabulary.check_identity_regexp
    return vocabulary.check_glob if signer.values.get("revoked") is True else vocabulary.check_identity


def words(policy: TrustPolicy) -> Iterator[str]:
    """A sentence for each signer."""
    return (f"Signer {each.name} is {', '.join(_clauses(each))}." for each in policy.signers.values())


def _clauses(signer: Signer) -> Iterator[str]:
    if signer.keyless is not None:
        named = f" with the kid {signer.kid}" if signer.kid != signer.name else ""
        yield f"{_identity(signer.keyless)} of {_issuer(signer.keyless)}{named}"
        if signer.keyless.claims:
            claims = " and ".join(f"{name} = {value}" for name, value in signer.keyless.claims)
            yield f"whose certificate says {claims}"
    else:
        yield f"a {'shared secret' if signer.secret is not None else 'public key'} with the kid {signer.kid}"
    if signer.ignored:
        yield f"of whose file {', '.join(signer.ignored)} counts for nothing"
    if signer.algorithms:
        yield f"for {' or '.join(signer.algorithms)}"
    if signer.not_before is not None:
        yield f"from {format_rfc3339(signer.not_before)}"
    if signer.not_after is not None:
        yield f"until {format_rfc3339(signer.not_after)}"
    if signer.revoked:
        yield "revoked, so that it counts no more"


def _identity(keyless: KeylessIdentity) -> str:
    if "identity" not in (keyless.regexps or ()):
        return f"the keyless identity {keyless.identity}"
    return f"any keyless identity that the whole of {keyless.identity} matches"


def _issuer(keyless: KeylessIdentity) -> str:
    return " or ".join(keyless.issuers())


def weaknesses(policy: TrustPolicy, now: datetime) -> Iterator[tuple[str, str]]:
    """What is weak about the signers, each behind its place."""
    for signer in policy.signers.values():
        for message in (*_key_findings(signer), *_validity_findings(signer, now)):
            yield f"signers.{signer.name}", message
    yield from _lookalikes(policy)
    yield from _shared_keys(policy)
    yield from _idle_signers(policy)


def _key_findings(signer: Signer) -> Iterator[str]:
    if signer.public_key is not None:
        from verifier.formats.keys.forms import read_any  # noqa: PLC0415 - only where a policy is checked

        try:
            read_any(signer.public_key)
        except NoPublicKeyError as error:
            yield f"its key {error}: its signatures do not count"
    if deprecated := set(vocabulary.DEPRECATED_ALGORITHMS) & set(signer.algorithms):
        yield f"counts with {', '.join(sorted(deprecated))}: a hash that does not go with the curve, and is deprecated"
    if signer.secret is not None:
        yield "an HMAC secret: whoever can verify with it can sign with it"
        if signer.secret.endswith((b"\n", b"\r")):
            yield "the secret ends in a line break, which is a part of it"
    if signer.keyless is not None:
        yield from _identity_findings(signer.keyless)


def _identity_findings(keyless: KeylessIdentity) -> Iterator[str]:
    yield from keyless.remarks()
    if wide := keyless.width():
        yield f"{keyless.identity} is wide: it is {wide}"
    if "identity" in (keyless.regexps or ()):
        yield from _regexp_findings(keyless)
        return
    workflow, at, ref = keyless.identity.partition("@refs/")
    claimed = dict(keyless.claims)
    if "*" in workflow and at and "workflow" not in claimed:
        yield f"{workflow} matches every such workflow: whoever can add one can sign"
    if (ref == "*" or (ref.startswith("heads/") and "*" in ref)) and "ref" not in claimed:
        yield f"@refs/{ref} matches branches: whoever can push one can sign"
    if keyless.identity.endswith("@*") and "ref" not in claimed:
        yield "@* matches every ref: whoever can push a branch can sign"


def _regexp_findings(keyless: KeylessIdentity) -> Iterator[str]:
    from verifier.core.regexps.pinned import open_ended  # noqa: PLC0415 - only for who writes expressions

    if open_ended(keyless.identity) and "ref" not in dict(keyless.claims):
        yield f"{keyless.identity} may end in anything, as in another ref: whoever can push a branch can sign"


def _validity_findings(signer: Signer, now: datetime) -> Iterator[str]:
    problem = signer.validity(now)
    if problem is not None:
        yield f"{problem.message}: its signatures do not count"
    elif signer.not_after is not None and signer.not_after - now <= _SOON:
        yield f"expires at {signer.not_after.isoformat()}, within {_SOON.days} days"


def _lookalikes(policy: TrustPolicy) -> Iterator[tuple[str, str]]:
    """Names that people may take for others: of signers, and of the hosts that keyless ones are of."""
    from verifier.trust.lookalikes import disguised, lookalikes  # noqa: PLC0415 - only where a policy is checked

    for name, why in lookalikes(policy.signers):
        yield f"signers.{name}", why
    for signer in policy.signers.values():
        keyless = signer.keyless
        for text in (*keyless.globs(), *keyless.issuers()) if keyless is not None else ():
            host = text.partition("://")[2].partition("/")[0] or text.rpartition("@")[2]
            if known := disguised(host):
                yield f"signers.{signer.name}", f"{host} looks like {known}, and is not"


def _shared_keys(policy: TrustPolicy) -> Iterator[tuple[str, str]]:
    names: dict[object, list[str]] = defaultdict(list)
    for signer in policy.signers.values():
        names[key_of(signer)].append(signer.name)
    for first, *others in names.values():
        if others:
            message = f"the same key as {', '.join(others)}: together they count once towards a threshold"
            yield f"signers.{first}", message


def _idle_signers(policy: TrustPolicy) -> Iterator[tuple[str, str]]:
    heard = {name for rule in policy.artifacts for name in SignatureRule.of(rule).from_}
    heard |= {builder.signer for builder in policy.builders} | {verifier.signer for verifier in policy.verifiers}
    documents = (rule.section(name) for rule in policy.artifacts for name in ("sbom", "vulnerabilities"))
    heard |= {name for each in documents for name in getattr(each, "from_", ())}
    for name in policy.signers:
        if name not in heard:
            yield f"signers.{name}", "no rule listens to this signer"
