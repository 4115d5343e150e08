"""Inclusion proofs, checkpoints and promises, by vectors of other programs and against a tree that is built here."""

import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.material import corpus
from tests.support.sigstore_instance import Instance, managed
from verifier.core.value import replace
from verifier.formats.sigstore.bundle import InclusionProof, LogEntry, parse_bundle
from verifier.formats.sigstore.signed_note import parse_checkpoint
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.parts.library import LibraryParts
from verifier.signatures.sigstore.parts.log_key import LogKey
from verifier.signatures.sigstore.parts.logged import require_included, require_logged, require_signed
from verifier.signatures.sigstore.root import TransparencyLog, Window

ED25519_HEADER = bytes.fromhex("302a300506032b6570032100")
INSTANCE = Instance()
(LOG,) = INSTANCE.root().logs


def proof_of(index, size, root, hashes):
    return InclusionProof(log_index=index, tree_size=size, root_hash=root, hashes=tuple(hashes), checkpoint=None)


def holds(leaf, proof):
    try:
        require_included(leaf, proof)
    except UnprovenError:
        return False
    return True


@pytest.mark.corpus
def test_proofs_are_judged_as_go_s_programs_judge_them():
    cases = [each for each in json.loads((corpus("tlog") / "cases.json").read_bytes()) if each["kind"] == "inclusion"]
    assert {each["expect"] for each in cases} == {"valid", "not-included", "malformed"}
    for each in cases:
        hashes = [base64.b64decode(item) for item in each.get("proof", [])]
        proof = proof_of(each["index"], each["size"], base64.b64decode(each["root"]), hashes)
        assert holds(base64.b64decode(each["leafHash"]), proof) is (each["expect"] == "valid"), each["name"]


@pytest.mark.corpus
def test_proofs_in_trees_of_many_entries_hold():
    for tree in json.loads((corpus("tlog") / "big.json").read_bytes())["trees"]:
        leaf = hashlib.sha256(b"\x00" + str(tree["index"]).encode()).digest()
        hashes = [base64.b64decode(item) for item in tree["proof"]]
        proof = proof_of(tree["index"], tree["size"], base64.b64decode(tree["root"]), hashes)
        assert holds(leaf, proof)
        assert not holds(leaf, replace(proof, log_index=tree["index"] ^ 1))


@pytest.mark.corpus
@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 300])
def test_checkpoints_that_go_s_programs_signed_hold(size):
    keys = json.loads((corpus("tlog") / "keys.json").read_bytes())
    _, hint, key = keys["log"].split("+", 2)
    log_id, spki = bytes.fromhex(hint), ED25519_HEADER + base64.b64decode(key)[1:]
    log = TransparencyLog(url="log", log_id=log_id, key=spki, key_details="PKIX_ED25519", window=Window())
    note = (corpus("tlog") / "checkpoints" / str(size)).read_text()
    checkpoint = parse_checkpoint(note, code="log.entry-invalid", subject="note")
    require_signed(checkpoint, checkpoint.root_hash, log_id, LogKey(log))
    for changed, root in (
        (parse_checkpoint(note.replace("acme", "acne", 1), code="c", subject="s"), checkpoint.root_hash),
        (checkpoint, hashlib.sha256(checkpoint.root_hash).digest()),
    ):
        with pytest.raises(UnprovenError):
            require_signed(changed, root, log_id, LogKey(log))


def root_of(leaves):
    """RFC 6962's hash of a tree, as it is defined there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def path_of(index, leaves):
    """RFC 6962's audit path, as it is defined there."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path_of(index, leaves[:split]), root_of(leaves[split:])]
    return [*path_of(index - split, leaves[split:]), root_of(leaves[:split])]


@given(size=st.integers(1, 200), data=st.data())
def test_every_entry_of_every_tree_is_proven_and_no_other(size, data):
    leaves = [hashlib.sha256(b"\x00%d" % number).digest() for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(index, size, root_of(leaves), path_of(index, leaves))
    assert holds(leaves[index], proof)
    other = data.draw(st.integers(0, size + 2))
    assert holds(leaves[index], replace(proof, log_index=other)) is (other == index)
    assert not holds(hashlib.sha256(leaves[index]).digest(), proof)
    assert not holds(leaves[index], replace(proof, hashes=(*proof.hashes, leaves[0])))
    if proof.hashes:
        assert not holds(leaves[index], replace(proof, hashes=proof.hashes[:-1]))
        assert len(set(proof.hashes)) == 1 or not holds(leaves[index], replace(proof, hashes=proof.hashes[::-1]))


def logged(entry: LogEntry, judge):
    try:
        judge(entry, LOG)
    except UnprovenError:
        return False
    return True


def both(entry):
    by_library = LibraryParts(INSTANCE.root())
    own = logged(entry, lambda entry, log: require_logged(entry, LogKey(log)))
    assert own is logged(entry, by_library.entry)
    return own


def entry_of(**given):
    document = json.dumps(managed(INSTANCE, "hashedrekord", "0.0.1", **given)).encode()
    return parse_bundle(document, subject="bundle").entries[0]


@settings(max_examples=60)
@given(st.data())
def test_a_promise_is_of_its_body_time_id_and_index_alone(data):
    entry = entry_of()
    assert both(entry)
    changes = {
        "body": st.binary(min_size=1, max_size=64),
        "integrated_time": st.integers(1, 2**63 - 1),
        "log_index": st.integers(1, 2**63 - 1),
        "log_id": st.binary(min_size=32, max_size=32),
        "promise": st.binary(min_size=1, max_size=80),
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    assert not both(replace(entry, proof=None, **{name: data.draw(changes[name])}))


def test_a_number_that_canonical_json_does_not_hold_exactly_is_not_promised():
    entry = replace(entry_of(), proof=None, log_index=2**53)
    with pytest.raises(UnprovenError, match="no exact form"):
        require_logged(entry, LogKey(LOG))


def test_an_entry_that_nothing_proves_is_not_logged():
    with pytest.raises(UnprovenError, match="neither"):
        require_logged(replace(entry_of(), proof=None, promise=None), LogKey(LOG))
    with pytest.raises(UnprovenError, match="no time"):
        require_logged(replace(entry_of(), integrated_time=None), LogKey(LOG))
