"""Verified is a type: nobody but a signature back end makes one."""

import ast
import dataclasses
from pathlib import Path

import pytest

import verifier
from verifier.signatures.interface import SEAL, ProvenSigner
from verifier.signatures.verified import VerifiedPayload

SIGNER = {"name": "a", "kind": "key", "fingerprint": "f", "algorithm": "ES256"}


@pytest.mark.parametrize("seal", [None, object(), "SEAL", True])
def test_a_proof_without_the_seal_cannot_be_made(seal):
    with pytest.raises(TypeError, match="only a signature back end"):
        ProvenSigner(**SIGNER, seal=seal)
    with pytest.raises(TypeError, match="only a signature back end"):
        VerifiedPayload(payload_type="t", payload=b"", signers=(ProvenSigner(**SIGNER, seal=SEAL),), seal=seal)


def test_the_seal_cannot_be_left_out_or_carried_over():
    with pytest.raises(TypeError):
        ProvenSigner(**SIGNER)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(ProvenSigner(**SIGNER, seal=SEAL), name="b")


def test_a_payload_that_nobody_signed_is_not_verified():
    with pytest.raises(ValueError, match="nobody signed"):
        VerifiedPayload(payload_type="t", payload=b"", signers=(), seal=SEAL)


def test_nobody_outside_the_signature_back_ends_makes_a_proof():
    package = Path(verifier.__file__).parent
    offenders = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in package.rglob("*.py")
        if "signatures" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _makes_proof(node)
    ]
    assert offenders == []


def _makes_proof(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="ProvenSigner" | "VerifiedPayload")):
            return True
        case ast.Call(func=ast.Attribute(attr="ProvenSigner" | "VerifiedPayload")):
            return True
        case ast.ImportFrom(module="verifier.signatures.interface", names=names):
            return any(alias.name == "SEAL" for alias in names)
        case ast.Attribute(attr="SEAL"):
            return True
    return False
