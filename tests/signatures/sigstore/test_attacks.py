"""Attacks on what proves a keyless signature: one attack, one code, whoever verifies."""

import base64
import copy
import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support.material import NOW, codes, private_key
from tests.support.sigstore_authorities import PROMISES, WholeInstance, spki
from tests.support.sigstore_instance import b64, identity, keyless
from verifier.core.errors import Refused
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.root import parse_root

INSTANCE = WholeInstance()
STRANGER = WholeInstance()
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=[False, True], ids=["own", "library"])
def judge(request):
    """Judges a document by one root; the codes of what is refused, none where it is believed."""

    def judged(document, root=None, now=NOW):
        verifier = SigstoreVerifier(INSTANCE.root() if root is None else root, by_library=request.param)
        asked = {"signers": [identity()], "digest": None, "content": None, "now": now, "subject": "a.sigstore.json"}
        try:
            verifier.verify(json.dumps(document).encode(), **asked)
        except Refused as refusal:
            return sorted({each.code for each in refusal.reasons})
        return []

    return judged


def signed(certificate=None, **given):
    """A bundle by a logged certificate, with a promise as its time."""
    return keyless(INSTANCE, certificate=certificate or INSTANCE.certified(), **given)


def stamped(*stamps, certificate=None, **given):
    """The same with timestamps in place of the promise; each is what `stamp` takes, or bytes."""
    document = signed(certificate, promise=False)
    signature = base64.b64decode(document["dsseEnvelope"]["signatures"][0]["sig"])
    made = [each if isinstance(each, bytes) else INSTANCE.stamp(signature, **each) for each in stamps or [given]]
    listed = {"rfc3161Timestamps": [{"signedTimestamp": b64(each)} for each in made]}
    document["verificationMaterial"]["timestampVerificationData"] = listed
    return document


def entry_of(document):
    return document["verificationMaterial"]["tlogEntries"][0]


def root_with(change, instance=INSTANCE):
    document = instance.root_document()
    change(document)
    return parse_root(json.dumps(document).encode(), name="changed")


def test_what_is_whole_is_believed_by_promise_and_by_timestamp(judge):
    assert judge(signed()) == []
    assert judge(stamped()) == []


class TestTimestamps:
    def test_one_from_after_the_certificate_ended_is_no_time_of_it(self, judge):
        brief = INSTANCE.certified(lifetime=2 * MINUTE)
        assert judge(stamped(certificate=brief)) == []
        assert judge(stamped(certificate=brief, at=INSTANCE.at + 3 * MINUTE)) == ["time.untrusted"]

    def test_a_second_one_from_outside_is_not_made_up_for_by_the_first(self, judge):
        assert judge(stamped({}, {"at": INSTANCE.at + MINUTE, "serial": 2})) == []
        assert judge(stamped({}, {"at": INSTANCE.at + 30 * MINUTE, "serial": 2})) == ["time.untrusted"]

    def test_one_of_an_authority_that_is_in_no_root_counts_for_nothing(self, judge):
        assert judge(stamped(key=STRANGER.stamper_key, by=STRANGER.stamper)) == ["time.untrusted"]
        assert judge(stamped(key=STRANGER.stamper_key)) == ["time.untrusted"]

    @pytest.mark.parametrize(
        "made",
        [{"purposes": ()}, {"purposes": (ExtendedKeyUsageOID.CODE_SIGNING,)}, {"critical": False}],
        ids=["no purpose", "another purpose", "a purpose that may be overlooked"],
    )
    def test_an_authority_whose_certificate_is_not_for_timestamps_alone_stamps_nothing(self, judge, made):
        instance = copy.copy(INSTANCE)
        instance.stamper = instance.stamper_certificate(**made)
        assert judge(stamped(by=instance.stamper), instance.root()) == ["time.untrusted"]

    def test_one_of_another_signature_counts_for_nothing(self, judge):
        assert judge(stamped(INSTANCE.stamp(b"another signature"))) == ["time.untrusted"]

    def test_what_is_no_timestamp_is_refused_beside_one_that_is(self, judge):
        assert judge(stamped(b"not a timestamp")) == ["time.untrusted"]
        assert judge(stamped({}, b"not a timestamp")) == ["time.untrusted"]

    def test_an_authority_that_is_not_believed_yet_stamps_nothing(self, judge):
        def later(document):
            document["timestampAuthorities"][0]["validFor"] = {"start": "2126-01-01T00:00:00Z"}

        assert judge(stamped(), root_with(later)) == ["time.untrusted"]

    def test_an_authority_without_a_root_above_it_stamps_nothing(self, judge):
        def alone(document):
            del document["timestampAuthorities"][0]["certChain"]["certificates"][1]

        assert judge(stamped(), root_with(alone)) == ["time.untrusted"]


class TestCertificates:
    def test_an_intermediate_that_is_no_authority_issues_nothing(self, judge):
        instance = copy.copy(INSTANCE)
        instance.issuer = instance.authority_certificate(ca=False)
        assert judge(signed(), instance.root()) == ["certificate.invalid"]

    def test_a_signer_s_certificate_issues_nothing(self, judge):
        instance = copy.copy(INSTANCE)
        instance.issuer_key = private_key("p256")
        assert judge(signed(instance.certified())) == ["certificate.invalid"]

    def test_what_must_be_understood_and_is_not_is_refused(self, judge):
        unheard = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
        assert judge(signed(INSTANCE.certified(extra=[(unheard, False)]))) == []
        assert judge(signed(INSTANCE.certified(extra=[(unheard, True)]))) == ["certificate.invalid"]

    def test_one_whose_signature_is_another_s_is_refused(self, judge):
        changed = bytearray(INSTANCE.certified())
        changed[-1] ^= 1
        assert judge(signed(bytes(changed))) == ["certificate.invalid"]


class TestCertificateLogs:
    def test_a_certificate_that_no_log_promised_is_refused(self, judge):
        assert judge(signed(INSTANCE.certified(promise=False))) == ["certificate.invalid"]

    def test_a_promise_by_a_log_that_is_in_no_root_is_none(self, judge):
        by = {"log_key": STRANGER.certificate_log_key, "log_id": STRANGER.certificate_log_id}
        assert judge(signed(INSTANCE.certified(**by))) == ["certificate.invalid"]

    def test_a_promise_by_a_stranger_in_the_log_s_name_is_none(self, judge):
        assert judge(signed(INSTANCE.certified(log_key=STRANGER.certificate_log_key))) == ["certificate.invalid"]

    def test_a_promise_of_another_certificate_is_none(self, judge):
        another = x509.load_der_x509_certificate(INSTANCE.certified(lifetime=5 * MINUTE))
        promise = another.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps)
        copied = x509.UnrecognizedExtension(PROMISES, promise.value.public_bytes())
        assert judge(signed(INSTANCE.certified(promise=False, extra=[(copied, False)]))) == ["certificate.invalid"]

    @pytest.mark.parametrize("milliseconds", [2**64 - 1, 2**63, 0])
    def test_a_promise_at_a_time_that_is_none_is_refused(self, judge, milliseconds):
        assert judge(signed(INSTANCE.certified(milliseconds=milliseconds))) == ["certificate.invalid"]


class TestLogs:
    def test_one_entry_twice_is_refused(self, judge):
        document = signed()
        document["verificationMaterial"]["tlogEntries"].append(copy.deepcopy(entry_of(document)))
        assert judge(document) == ["attestation.invalid"]

    def test_a_time_that_nobody_promised_is_none(self, judge):
        document = signed()
        del entry_of(document)["inclusionPromise"]
        assert judge(document) == ["time.untrusted"]

    def test_a_promise_of_another_time_is_none(self, judge):
        document = signed()
        entry_of(document)["integratedTime"] = str(int(INSTANCE.at.timestamp()) + 1)
        assert judge(document) == ["log.entry-invalid"]

    def test_a_promise_of_another_place_in_the_log_is_none(self, judge):
        document = signed()
        entry_of(document)["logIndex"] = "1"
        assert judge(document) == ["log.entry-invalid"]

    def test_the_proof_of_another_entry_is_none(self, judge):
        document, another = signed(), signed()
        entry_of(document)["inclusionProof"] = entry_of(another)["inclusionProof"]
        assert judge(document) == ["log.entry-invalid"]

    @pytest.mark.parametrize(
        ("said", "instead"),
        [("log.example - 1\n", "log.example - 2\n"), ("log.example - 1\n", "other.example\n"), ("— log.", "— other.")],
        ids=["another tree", "another origin", "another name"],
    )
    def test_a_checkpoint_with_the_right_root_and_another_origin_is_none(self, judge, said, instead):
        document = signed()
        checkpoint = entry_of(document)["inclusionProof"]["checkpoint"]
        assert said in checkpoint["envelope"]
        checkpoint["envelope"] = checkpoint["envelope"].replace(said, instead)
        assert judge(document) == ["log.entry-invalid"]

    def test_a_checkpoint_by_a_stranger_in_the_log_s_name_is_none(self, judge):
        stranger = WholeInstance()
        stranger.issuer_key, stranger.certificate_log_key = INSTANCE.issuer_key, INSTANCE.certificate_log_key
        document = keyless(stranger, certificate=INSTANCE.certified(), id_=INSTANCE.log_id)
        assert judge(document) == ["log.entry-invalid"]


class TestKeysOfLogs:
    """Stricter than the library, which takes whatever key the root holds for the kind that it names."""

    def own(self, document, root):
        asked = {"signers": [identity()], "digest": None, "content": None, "now": NOW, "subject": "a.sigstore.json"}
        with pytest.raises(Refused) as refused:
            SigstoreVerifier(root).verify(json.dumps(document).encode(), **asked)
        return codes(refused)

    def test_one_on_another_curve_than_the_root_says_verifies_nothing(self):
        instance = WholeInstance()
        instance.log_key = ec.generate_private_key(ec.SECP384R1())
        document = keyless(instance, certificate=instance.certified())
        assert self.own(document, instance.root()) == ["log.entry-invalid"]

    @pytest.mark.parametrize("details", ["PKIX_RSA_PKCS1V15_2048_SHA256", "PKIX_ED25519", "PKIX_RSA_PSS", "unheard of"])
    def test_one_of_another_kind_than_the_root_says_verifies_nothing(self, details):
        def changed(document):
            document["tlogs"][0]["publicKey"]["keyDetails"] = details

        assert self.own(signed(), root_with(changed)) == ["log.entry-invalid"]

    def test_one_that_is_too_short_verifies_nothing(self):
        def changed(document):
            key = document["tlogs"][0]["publicKey"]
            short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the attack
            key |= {"keyDetails": "PKIX_RSA_PKCS1V15_2048_SHA256", "rawBytes": b64(spki(short))}

        assert self.own(signed(), root_with(changed)) == ["log.entry-invalid"]

    def test_one_that_cannot_be_read_verifies_nothing(self):
        def changed(document):
            document["tlogs"][0]["publicKey"]["rawBytes"] = b64(INSTANCE.issuer.public_bytes(Encoding.DER))

        assert self.own(signed(), root_with(changed)) == ["log.entry-invalid"]
