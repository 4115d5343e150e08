"""A bundle and a statement that nobody has signed yet."""

from __future__ import annotations

from verifier.archives.pack import pack_members
from verifier.core.digest import Digest

MEMBERS = [
    (".manifest", b'{"revision":"1.2.3","roots":["authz"]}'),
    ("authz/data.json", b'{"limit": 1.0}'),
    ("authz/policy.rego", b"package authz\n\nallow := true\n"),
]
BUNDLE = pack_members(MEMBERS)
DIGEST = Digest.of(b"bundle")
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "authz", "digest": {"sha256": DIGEST.value}}],
    "predicateType": "https://example.org/t/v1",
    "predicate": {"count": 1},
}
