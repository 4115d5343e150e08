"""A trust policy: its id, whom it names, and what it says of each kind of artifact, in words.

* keys that it names are read as `verify trust check` reads them, from beside it, where it is a file
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError, refuse
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts, listing
from verifier.trust.load import load_policy
from verifier.trust.parse import parse_policy
from verifier.trust.words import explain_policy

if TYPE_CHECKING:
    from verifier.core.signers.signer import Signer
    from verifier.formats.json.strict_json import JsonValue
    from verifier.trust.model import TrustPolicy


def describe(given: Given) -> Described:
    """What the policy says; never raises for what it reads."""
    what = "a trust policy of `verify`"
    check = checks.check("trust", "check", checks.reference_word(given.reference))
    try:
        policy = _policy(given)
    except ConfigurationError as error:
        fault = refuse("policy.malformed", given.name, str(error), error.hint)
        return Described(what=what, check=check, faults=fault.reasons)
    signers: list[tuple[JsonValue, ...]] = [_signer(each) for each in policy.signers.values()]
    return Described(
        what=what,
        check=check,
        facts=facts(id=policy.id, rules=[each.pattern for each in policy.artifacts]),
        listings=(
            listing("signers", ("name", "kind", "kid", "fingerprint or identity"), signers),
            listing("in words", ("sentence",), [(each,) for each in explain_policy(policy)]),
        ),
    )


def _policy(given: Given) -> TrustPolicy:
    if given.path is not None:
        return load_policy(given.path)

    def unfound(name: str) -> bytes:
        raise ConfigurationError("is not beside what was given", where=name)

    return parse_policy(given.content, where=given.name, read_file=unfound)


def _signer(signer: Signer) -> tuple[JsonValue, ...]:
    if signer.keyless is not None:
        return signer.name, "keyless", signer.kid, f"{signer.keyless.identity} of {signer.keyless.issuer}"
    if signer.public_key is None:
        return signer.name, "shared secret", signer.kid, None
    from verifier.signatures import keys  # noqa: PLC0415 - few policies are inspected

    try:
        return (
            signer.name,
            "key",
            signer.kid,
            keys.fingerprint(keys.load_public_key(signer.public_key, where=signer.name)),
        )
    except ConfigurationError as error:
        return signer.name, "key", signer.kid, str(error)
