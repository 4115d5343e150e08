"""Signing a bundle: what OPA's signature says, and that nothing else changes."""

import base64
import gzip
import io
import json
import tarfile
from datetime import timedelta

import pytest

from tests.support.attestations.unsigned import BUNDLE, MEMBERS
from tests.support.material import ASYMMETRIC, NOW, codes, key_for, private_key, signer
from verifier.archives.archive import read_archive
from verifier.archives.pack import pack_members
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.kinds.bundle.artifact import read_bundle
from verifier.publish.sign import opa_signatures_document, sign_bundle
from verifier.signatures.opa_jws import SignedFile, verify_opa_signatures


def sign(content=BUNDLE, key="p256", algorithm="ES256", **options):
    chosen = {"keyid": key, "scope": None, "now": NOW} | options
    return sign_bundle(content, key=private_key(key), algorithm=algorithm, **chosen)


def read(content):
    return read_bundle(content, name="authz", resource_uri="")


def verify(content, *signers):
    return verify_opa_signatures(
        read(content).signatures, signers=signers, now=NOW, mode=ReadingMode.STRICT, subject="s"
    )


def decoded(content):
    token = json.loads(read(content).signatures)["signatures"][0]
    return [base64.urlsafe_b64decode(part + "==") for part in token.split(".")[:2]]


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_bundle_that_we_sign_verifies_and_every_file_is_covered(algorithm):
    name = key_for(algorithm)
    signed = sign(key=name, algorithm=algorithm)
    proven = verify(signed, signer(name, algorithms=(algorithm,)))
    assert proven.signed_time == NOW
    assert {file.name: file.hash for file in proven.files} == {file.name: file.digest() for file in read(signed).files}
    assert {file.name for file in proven.files} == {name for name, _ in MEMBERS}


def test_a_shared_secret_signs_with_hmac():
    signed = sign_bundle(BUNDLE, key=b"s", algorithm="HS256", keyid=None, scope=None, now=NOW)
    shared = Signer(name="x", kid="x", secret=b"s", algorithms=("HS256",))
    assert verify(signed, shared).signer.kind == "hmac"


def test_a_shared_secret_signs_with_nothing_else():
    with pytest.raises(ConfigurationError, match="shared secret"):
        sign_bundle(BUNDLE, key=b"s", algorithm="ES256", keyid=None, scope=None, now=NOW)


def test_the_layout_is_that_of_opa():
    content = opa_signatures_document(
        [SignedFile(name="a", hash="00", algorithm="SHA-256")],
        key=b"s",
        algorithm="HS256",
        keyid="K",
        scope="write",
        now=NOW,
        expires=NOW + timedelta(hours=1),
    )
    assert content.startswith(b'{\n "signatures": [\n  "')
    assert content.endswith(b'"\n ]\n}')
    token = json.loads(content)["signatures"][0]
    header, payload = (base64.urlsafe_b64decode(part + "==") for part in token.split(".")[:2])
    assert header == b'{"alg":"HS256","kid":"K","typ":"JWT"}'
    seconds = int(NOW.timestamp())
    assert payload.decode() == (
        f'{{"exp":{seconds + 3600},"files":[{{"name":"a","hash":"00","algorithm":"SHA-256"}}],'
        f'"iat":{seconds},"keyid":"K","scope":"write"}}'
    )


def test_without_key_id_and_scope_neither_is_claimed():
    header, payload = decoded(sign(keyid=None))
    assert header == b'{"alg":"ES256","typ":"JWT"}'
    assert set(json.loads(payload)) == {"files", "iat"}


def test_every_other_member_keeps_its_bytes():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, content in MEMBERS:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uname, info.mode = len(content), 1234567890, "builder", 0o644
            tar.addfile(info, io.BytesIO(content))
    unsigned = buffer.getvalue()
    signed = sign(unsigned)
    before = read_archive(unsigned, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="b")
    after = read_archive(signed, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="b")
    assert gzip.decompress(signed).startswith(gzip.decompress(unsigned)[: before.body_end])
    assert [member.path for member in after.members] == [*(name for name, _ in MEMBERS), ".signatures.json"]


def test_signing_again_replaces_the_signature():
    twice = sign(sign(key="p384", algorithm="ES384"))
    assert verify(twice, signer("p256")).signer.name == "p256"
    assert [file.name for file in read(twice).files] == [name for name, _ in MEMBERS]


def test_a_signature_cannot_expire_before_it_is_made():
    with pytest.raises(ConfigurationError, match="would expire"):
        sign(expires=NOW)


def test_what_strict_reading_refuses_is_not_signed():
    with pytest.raises(Refused) as refused:
        sign(pack_members([*MEMBERS, ("patch.json", b'{"data":[{"op":"remove","path":"a"}]}')]))
    assert "bundle.delta-refused" in codes(refused)


def test_the_limits_are_those_of_the_caller():
    with pytest.raises(Refused) as refused:
        sign(limits=Limits(members=2))
    assert codes(refused) == ["archive.too-many-members"]


def test_a_changed_file_no_longer_has_its_signed_digest():
    signed = sign()
    changed = pack_members(
        [
            (".signatures.json", read(signed).signatures),
            *((name, content.replace(b"true", b"false")) for name, content in MEMBERS),
        ]
    )
    claimed = {file.name: file.hash for file in verify(changed, signer("p256")).files}
    differing = [file.name for file in read(changed).files if claimed[file.name] != file.digest()]
    assert differing == ["authz/policy.rego"]
