"""Who reads what a stranger sends: each takes bytes and answers with the reason codes that it was refused with.

* the way is the product's own: the facade for what stands in or beside an artifact, else the reader's own function
* nothing here is signed by anybody whom the policy knows: what costs, costs a stranger nothing
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.archives.pack import pack_members
from verifier.trust.adhoc import AdHocFlags, policy_from_flags

Reader = Callable[[bytes], tuple[str, ...]]

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_KEY: Final = ec.generate_private_key(ec.SECP256R1())
_PEM: Final = _KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
POLICY: Final = policy_from_flags(AdHocFlags(keys=(("release.pem", _PEM),), algorithm="ES256"))
TINY: Final = pack_members(
    [(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/a.rego", b"package authz\n")]
)
