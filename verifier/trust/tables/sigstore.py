"""`[sigstore]`: which Sigstore instance is believed about keyless signers.

* without it that is the public one
* an instance whose roots are in a file is read with the policy, and nothing is fetched; a file of several roots, as
  `gh attestation trusted-root` writes it, names several, each believed as a whole
* one that is for tests is called weak
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.core.errors import Refused
from verifier.core.signers.sigstore import PRODUCTION, STAGING, SigstoreInstance
from verifier.trust import vocabulary

if TYPE_CHECKING:
    from verifier.formats.toml.table import Table
    from verifier.trust.model import TrustPolicy
    from verifier.trust.names import NamedFiles

KEYS = frozenset({"trusted_root"})


def parse(top: Table, files: NamedFiles) -> SigstoreInstance:
    """The instance that the policy believes; raises `ConfigurationError`."""
    table = top.table("sigstore", KEYS)
    if table is None:
        return PRODUCTION
    name = table.required_text("trusted_root", vocabulary.check_path)
    for instance in (PRODUCTION, STAGING):
        if name == instance.name:
            return instance
    return SigstoreInstance(name=name, document=files.read(table, "trusted_root", name))


def words(policy: TrustPolicy) -> Iterator[str]:
    """Who is believed, where somebody has to be or the policy says so."""
    if policy.sigstore.document is not None:
        count = _count(policy.sigstore.document, policy.sigstore.name)
        instances = f"any one of the {count} Sigstore instances" if count > 1 else "the Sigstore instance"
        yield f"Keyless signers are proven by {instances} in {policy.sigstore.name}."
    elif policy.sigstore.public_name != PRODUCTION.name or any(each.keyless for each in policy.signers.values()):
        yield f"Keyless signers are proven by Sigstore's {policy.sigstore.name} instance."


def _count(document: bytes, name: str) -> int:
    """How many roots a file holds; what is wrong with it is said where it is used."""
    from verifier.formats.sigstore.root_documents import root_documents  # noqa: PLC0415 - only where it is put in words

    try:
        return len(root_documents(document, subject=name))
    except Refused:
        return 1


def weaknesses(policy: TrustPolicy) -> Iterator[tuple[str, str]]:
    """What is weak about it, behind its place."""
    if policy.sigstore.public_name == STAGING.name:
        yield "sigstore", 'trusted_root = "staging": an instance for tests, whose certificates and logs promise nothing'
