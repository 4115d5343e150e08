"""That a transparency log holds an entry: inclusion proofs, checkpoints and promises.

* an inclusion proof has as many hashes as its place in its tree needs, and leads from the entry to the tree's root
  (RFC 6962, section 2.1.1)
* that root is the one of a checkpoint that the log signed: the first line of signature with the start of its id is its
* a promise is the log's signature over body, time, id and index in canonical JSON (RFC 8785), whose numbers are exact
* an entry that has neither is not logged
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from verifier.formats.json.write import canonical
from verifier.formats.sigstore.bundle import InclusionProof, LogEntry
from verifier.formats.sigstore.signed_note import Checkpoint
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.parts.log_key import LogKey

_LEAF, _NODE = b"\x00", b"\x01"
_MOST_EXACT: Final = 2**53 - 1
"""The largest number that canonical JSON writes as it is; RFC 8785 writes others in another way, or not at all."""


def require_logged(entry: LogEntry, key: LogKey) -> None:
    """Raise `UnprovenError` unless the log with this key holds `entry`, by each proof that there is."""
    proof = entry.proof
    if proof is not None and proof.checkpoint is not None:
        require_included(hashlib.sha256(_LEAF + entry.body).digest(), proof)
        require_signed(proof.checkpoint, proof.root_hash, entry.log_id, key)
    elif entry.promise is None:
        raise UnprovenError("the entry has neither a proof with a checkpoint nor a promise")
    if entry.promise is not None:
        _require_promised(entry, entry.promise, key)


def require_included(leaf: bytes, proof: InclusionProof) -> None:
    """Raise `UnprovenError` unless the hashes of `proof` lead from the entry with the hash `leaf` to its root."""
    if not 0 <= proof.log_index < proof.tree_size:
        raise UnprovenError(f"inclusion proof is for entry {proof.log_index} of a tree of {proof.tree_size}")
    # Below where the paths to this entry and to the last one meet, each bit of the index says on which side a hash
    # lies; above, along the right border, only where there is a bit there is a hash, which lies on the left.
    inner = (proof.log_index ^ (proof.tree_size - 1)).bit_length()
    border = (proof.log_index >> inner).bit_count()
    if len(proof.hashes) != inner + border:
        raise UnprovenError(
            f"inclusion proof has wrong size: expected {inner + border}, got {len(proof.hashes)}",
        )
    root = leaf
    for level, other in enumerate(proof.hashes):
        is_left = level < inner and not proof.log_index >> level & 1
        root = hashlib.sha256(_NODE + (root + other if is_left else other + root)).digest()
    if root != proof.root_hash:
        raise UnprovenError(
            f"inclusion proof contains invalid root hash: expected {proof.root_hash.hex()}, calculated {root.hex()}"
        )


def require_signed(checkpoint: Checkpoint, root_hash: bytes, log_id: bytes, key: LogKey) -> None:
    """Raise `UnprovenError` unless the log `log_id` signed `checkpoint`, which is of a tree with this root."""
    signature = next((each.signature for each in checkpoint.signatures if each.key_hint == log_id[:4]), None)
    if signature is None:
        raise UnprovenError(f"checkpoint: Signature not found for log ID {log_id.hex()}")
    try:
        key.verify(signature, checkpoint.signed_text)
    except UnprovenError as error:
        raise UnprovenError(f"checkpoint: invalid signature: {error}") from error
    if checkpoint.root_hash != root_hash:
        raise UnprovenError(
            f"checkpoint is of a tree with the root {checkpoint.root_hash.hex()}, expected {root_hash.hex()}"
        )


def _require_promised(entry: LogEntry, promise: bytes, key: LogKey) -> None:
    if entry.integrated_time is None:
        raise UnprovenError("SET: invalid inclusion promise: no time is promised")
    if max(entry.integrated_time, entry.log_index) > _MOST_EXACT:
        raise UnprovenError("SET: invalid inclusion promise: a number of it has no exact form in canonical JSON")
    promised = {
        "body": base64.b64encode(entry.body).decode("ascii"),
        "integratedTime": entry.integrated_time,
        "logID": entry.log_id.hex(),
        "logIndex": entry.log_index,
    }
    try:
        key.verify(promise, canonical(promised).encode("ascii"))
    except UnprovenError as error:
        raise UnprovenError(f"SET: invalid inclusion promise: {error}") from error
