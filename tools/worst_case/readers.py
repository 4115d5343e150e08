"""Who reads what a stranger sends: each takes bytes and answers with the reason codes that it was refused with.

* the way is the product's own: the facade for what stands in or beside an artifact, else the reader's own function
* nothing here is signed by anybody whom the policy knows: what costs, costs a stranger nothing
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.engine.facade import verify, verify_verdict
from verifier.formats.json import strict_json
from verifier.formats.oci import challenge, manifest
from verifier.formats.verdict import document as verdict_document
from verifier.kinds.bundle.artifact import read_bundle
from verifier.ledger.document import read_document
from verifier.net.registry import _read_token
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
from verifier.trust.parse import parse_policy

Reader = Callable[[bytes], tuple[str, ...]]

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_KEY: Final = ec.generate_private_key(ec.SECP256R1())
_PEM: Final = _KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
POLICY: Final = policy_from_flags(AdHocFlags(keys=(("release.pem", _PEM),), algorithm="ES256"))
TINY: Final = pack_members([(".manifest", b'{"revision": "1.0.0", "roots": ["authz"]}'), ("authz/a.rego", b"package authz\n")])
