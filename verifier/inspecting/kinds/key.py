"""A public key, in any form that is read: what it is for, and its fingerprint, by which two people compare it.

* a private key is named as one, and nothing of it is shown
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import ConfigurationError, refuse
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import NoPublicKeyError
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts
from verifier.signatures import keys

_CHECK: Final = checks.check("artifact", checks.ARTIFACT[0], "--key", "REF", unknown=(checks.ARTIFACT,))


def describe(given: Given) -> Described:
    """What the key is; never raises for what it reads."""
    check = checks.check(
        *("artifact", checks.ARTIFACT[0], "--key", checks.reference_word(given.reference)), unknown=(checks.ARTIFACT,)
    )
    try:
        text = read_public_key(given.content)
        key = keys.load_public_key(text.pem, where=given.name)
    except NoPublicKeyError as error:
        fault = refuse("key.malformed", given.name, f"it {error}", error.hint)
        return Described(what="a key", check=check, faults=fault.reasons)
    except ConfigurationError as error:
        fault = refuse("key.malformed", given.name, error.message, error.hint)
        return Described(what="a key", check=check, faults=fault.reasons)
    return Described(
        what="a public key",
        check=check,
        facts=facts(
            type=type(key).__name__.removesuffix("PublicKey").lstrip("_"),
            fingerprint=f"sha256:{keys.fingerprint(key)}",
            algorithms=list(text.algorithms or keys.algorithms_of(key)),
            ignored=list(text.ignored),
        ),
    )


def describe_secret(_: Given) -> Described:
    """A private key: that it is one."""
    return Described(
        what="a private key, which is a secret: nothing of it is shown",
        check=checks.check("key", "generate", "--help"),
    )
