"""Several trusted roots in one file: each believed as a whole, and the order tells nothing."""

import json
from itertools import permutations

import pytest

from tests.support.material import NOW, codes, signer, statement
from tests.support.sigstore_instance import (
    SIGNED_AT,
    Instance,
    bundle,
    envelope_of,
    identity,
    key_material,
    keyless,
    managed,
)
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.signatures.attestation import verify_attestation
from verifier.signatures.sigstore.root import parse_root, parse_roots, root_digest, roots_of

OURS, THEIRS = Instance(), Instance()
DIGEST = Digest.parse("sha256:" + "ab" * 32)


def as_lines(*documents):
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def as_array(*documents):
    return json.dumps(documents).encode()


def verify(document, roots, *signers):
    return verify_attestation(
        json.dumps(document).encode(),
        signers=signers or [identity()],
        sigstore=SigstoreInstance(name="roots", document=roots),
        digest=DIGEST,
        content=None,
        now=NOW,
        subject="a.sigstore.json",
    )


def refusal(document, roots, *signers):
    with pytest.raises(Refused) as caught:
        verify(document, roots, *signers)
    return caught


@pytest.mark.parametrize("write", [as_lines, as_array])
@pytest.mark.parametrize("maker", [OURS, THEIRS])
def test_whoever_of_them_issued_the_certificate_is_found(write, maker):
    for roots in permutations([OURS.root_document(), THEIRS.root_document()]):
        (who,) = verify(keyless(maker), write(*roots)).signers
        assert (who.name, who.signed_time) == ("ci", SIGNED_AT)
        assert codes(refusal(keyless(maker), write(*roots), identity(identity="x"))) == ["signer.untrusted"]


def test_an_instance_that_none_of_them_is_of_is_refused_with_every_reason():
    roots = as_lines(OURS.root_document(), THEIRS.root_document())
    assert codes(refusal(keyless(Instance()), roots)) == ["log.entry-invalid"] * 2


def test_an_authority_of_another_name_is_told_by_its_name():
    other = THEIRS.root_document()
    other["certificateAuthorities"] = []
    third = OURS.root_document(logs=True)
    third["certificateAuthorities"] = []
    caught = refusal(keyless(OURS), as_lines(other, third))
    assert codes(caught) == ["certificate.invalid"]
    assert "roots, line 1, roots, line 2" in caught.value.reasons[0].message
    assert "CN=authority.example" in caught.value.reasons[0].message


def test_a_root_is_believed_as_a_whole():
    """The authority of one and the log of another are no proof."""
    mixed = [
        OURS.root_document() | {"tlogs": THEIRS.root_document()["tlogs"]},
        THEIRS.root_document() | {"tlogs": OURS.root_document()["tlogs"]},
    ]
    for roots in permutations(mixed):
        assert set(codes(refusal(keyless(OURS), as_lines(*roots)))) <= {"log.entry-invalid", "certificate.invalid"}


def test_a_root_without_logs_lets_no_certificate_of_another_pass_without_an_entry():
    roots = as_lines(OURS.root_document(), THEIRS.root_document())
    assert set(codes(refusal(bundle(envelope_of(), OURS.certificate()), roots))) == {"log.missing"}


@pytest.mark.parametrize(("kind", "version"), [("dsse", "0.0.1"), ("intoto", "0.0.2")])
def test_a_log_that_any_of_them_names_proves_when_a_key_signed(kind, version):
    for roots in permutations([OURS.root_document(), THEIRS.root_document()]):
        for maker in (OURS, THEIRS):
            (who,) = verify(managed(maker, kind, version), as_lines(*roots), signer("p256")).signers
            assert who.signed_time == SIGNED_AT
    assert codes(refusal(managed(Instance(), kind, version), as_lines(*roots), signer("p256"))) == [
        "log.entry-invalid",
        "log.entry-invalid",
    ]


def test_a_key_without_a_log_entry_is_believed_as_with_one_root():
    document = bundle(envelope_of(), key_material())
    both = as_lines(OURS.root_document(), THEIRS.root_document())
    assert verify(document, both, signer("p256")) == verify(document, as_lines(OURS.root_document()), signer("p256"))


@pytest.mark.parametrize("write", [as_lines, as_array])
@pytest.mark.parametrize("spoil", [{"mediaType": "bad"}, {"extra": 1}, {"tlogs": None, "timestampAuthorities": None}])
def test_one_bad_root_refuses_all_and_says_which(write, spoil):
    good, bad = OURS.root_document(), THEIRS.root_document() | spoil
    place = "line" if write is as_lines else "item"
    for number, roots in ((2, [good, bad]), (1, [bad, good])):
        with pytest.raises(ConfigurationError) as raised:
            verify(keyless(OURS), write(*roots))
        assert raised.value.where == f"roots, {place} {number}"


def test_the_digest_is_of_all_of_them():
    one, both = as_lines(OURS.root_document()), as_lines(OURS.root_document(), THEIRS.root_document())
    digests = {root_digest(SigstoreInstance(name="roots", document=each)) for each in (one, both)}
    assert digests == {Digest.of(one), Digest.of(both)}


def test_where_one_root_is_needed_several_are_refused():
    document = as_lines(OURS.root_document(), THEIRS.root_document())
    assert len(parse_roots(document, name="roots")) == 2
    with pytest.raises(ConfigurationError, match="holds 2 trusted roots, expected one"):
        parse_root(document, name="roots")


def test_the_public_instances_are_one_root_each():
    assert [each.name for each in roots_of(SigstoreInstance(name="staging"))] == ["staging"]


def test_what_is_signed_elsewhere_is_about_the_same_artifact():
    assert statement() == verify(keyless(OURS), as_lines(OURS.root_document(), THEIRS.root_document())).payload
