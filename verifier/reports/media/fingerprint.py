"""What an issue is known by, wherever issues are compared with those of an earlier run."""

from __future__ import annotations

import hashlib

from verifier.formats.json.write import canonical


def fingerprint(*same: object) -> str:
    """A SHA-256, in hexadecimal digits, of what stays the `same` over runs and versions."""
    return hashlib.sha256(canonical(list(same)).encode()).hexdigest()
