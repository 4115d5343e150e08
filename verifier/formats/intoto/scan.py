"""Statements whose predicate is a scan for known vulnerabilities.

Source: in-toto attestation predicate `vulns` (v0.1 and v0.2); cosign's `COSIGN_VULN_ATTESTATION_SPEC.md`, whose type
stands there without its scheme.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.digest import Digest
from verifier.core.uris import COSIGN_SCAN
from verifier.formats.intoto.statement import Statement

_VULNS: Final = re.compile(r"https://in-toto\.io/attestation/vulns?(?:/v\d+(?:\.\d+)*)?\Z", re.ASCII)
_COSIGN: Final = frozenset({COSIGN_SCAN, COSIGN_SCAN.removeprefix("https://")})


def is_scan(predicate_type: object) -> bool:
    """Whether what a statement of this type says is what somebody has scanned for, in whatever version."""
    return isinstance(predicate_type, str) and (predicate_type in _COSIGN or _VULNS.match(predicate_type) is not None)


def subjects_of(statement: Statement) -> tuple[Digest, ...]:
    """The digests of everything that was scanned."""
    return tuple(digest for each in statement.subjects for digest in each.digests)
