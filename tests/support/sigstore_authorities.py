"""What a whole Sigstore instance has besides that of `sigstore_instance`: a certificate log, a timestamp authority.

Certificates, their promises and timestamps are made as Fulcio, its log and RFC 3161's authorities make them, and in any
way that they would not.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.material import private_key
from tests.support.sigstore_instance import IDENTITY, ISSUER, Instance, b64, utf8
from verifier.core.clock import EPOCH

PROMISES = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_SHA256_ECDSA = b"\x04\x03"
_ALWAYS = {"start": "2020-01-01T00:00:00Z"}


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(**given: bool) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{each: given.get(each, False) for each in every})


class WholeInstance(Instance):
    """An instance with an intermediate authority, a certificate log, and a timestamp authority."""

    def __init__(self, **given) -> None:
        super().__init__(**given)
        self.issuer_key = ec.generate_private_key(ec.SECP256R1())
        self.certificate_log_key = ec.generate_private_key(ec.SECP256R1())
        self.stamper_root_key, self.stamper_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.issuer = self.authority_certificate()
        self.stamper_root = self._built(
            "time-root.example", "time-root.example", self.stamper_root_key, self.stamper_root_key, ca=True
        )
        self.stamper = self.stamper_certificate()

    @property
    def certificate_log_id(self) -> bytes:
        return hashlib.sha256(spki(self.certificate_log_key)).digest()

    def root_document(self, **changes) -> dict:
        document = super().root_document(**changes)
        chain = [self.issuer, self.authority]
        document["certificateAuthorities"][0]["certChain"] = chain_of(chain)
        document["ctlogs"] = [
            {
                "baseUrl": "https://certificates.example",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": b64(spki(self.certificate_log_key)),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": _ALWAYS,
                },
                "logId": {"keyId": b64(self.certificate_log_id)},
            }
        ]
        document["timestampAuthorities"] = [
            {
                "subject": {"organization": "o", "commonName": "t"},
                "uri": "https://time.example",
                "certChain": chain_of([self.stamper, self.stamper_root]),
                "validFor": _ALWAYS,
            }
        ]
        return document

    def authority_certificate(self, *, ca: bool = True, key=None, extra=()) -> x509.Certificate:
        """An intermediate authority, issued by the root."""
        return self._built(
            "issuer.example", "authority.example", key or self.issuer_key, self.authority_key, ca=ca, extra=extra
        )

    def stamper_certificate(self, *, purposes=(ExtendedKeyUsageOID.TIME_STAMPING,), critical=True) -> x509.Certificate:
        """The certificate that timestamps are signed with."""
        extra = [(x509.ExtendedKeyUsage(list(purposes)), critical)] if purposes else []
        return self._built(
            "time.example", "time-root.example", self.stamper_key, self.stamper_root_key, ca=False, extra=extra
        )

    def certified(
        self, *, extra=(), promise: bool = True, log_key=None, log_id=None, lifetime=None, milliseconds=None
    ) -> bytes:
        """A signer's certificate by the intermediate authority, with the certificate log's promise in it."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.issuer.subject)
            .public_key(private_key("p256").public_key())
            .serial_number(12)
            .not_valid_before(self.at - timedelta(minutes=1))
            .not_valid_after(self.at + (lifetime or timedelta(minutes=9)))
            .add_extension(usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.issuer_key.public_key()), False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(IDENTITY)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER, utf8(ISSUER)), critical=False)
        )
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical)
        if promise:
            logged = builder.sign(self.issuer_key, hashes.SHA256()).tbs_certificate_bytes
            moment = (self.at - EPOCH) // timedelta(milliseconds=1) if milliseconds is None else milliseconds
            by = log_key or self.certificate_log_key, log_id or self.certificate_log_id
            content = self._promise(logged, *by, moment.to_bytes(8, "big"))
            builder = builder.add_extension(x509.UnrecognizedExtension(PROMISES, content), critical=False)
        return builder.sign(self.issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def stamp(self, message: bytes, *, at: datetime | None = None, key=None, by=None, serial=1) -> bytes:
        """A timestamp of `message` (RFC 3161), with its certificate inside."""
        certificate = asn1_x509.Certificate.load((by or self.stamper).public_bytes(serialization.Encoding.DER))
        stated = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": hashlib.sha256(message).digest(),
                },
                "serial_number": serial,
                "gen_time": at or self.at,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {"content_type": "tst_info", "content": stated},
                "certificates": [certificate],
                "signer_infos": [_signer(stated, certificate, key or self.stamper_key)],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()

    def _promise(self, logged: bytes, log_key, log_id: bytes, moment: bytes) -> bytes:
        """The extension's value: an SCT in the TLS encoding of RFC 6962, in a list, in an OCTET STRING."""
        issuer = hashlib.sha256(spki(self.issuer_key)).digest()
        signed = b"\x00\x00" + moment + b"\x00\x01" + issuer + len(logged).to_bytes(3, "big") + logged + b"\x00\x00"
        signature = log_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        promise = b"\x00" + log_id + moment + b"\x00\x00" + _SHA256_ECDSA + _prefixed(signature)
        content = _prefixed(_prefixed(promise))
        return b"\x04" + (bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])) + content

    def _built(self, subject: str, issuer: str, key, signing_key, *, ca: bool, extra=()) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name_of(subject))
            .issuer_name(name_of(issuer))
            .public_key(key.public_key())
            .serial_number(int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big"))
            .not_valid_before(self.at - timedelta(days=365))
            .not_valid_after(self.at + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage(digital_signature=not ca, key_cert_sign=ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), False)
        )
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signing_key, hashes.SHA256())


def spki(key) -> bytes:
    """The SubjectPublicKeyInfo of a private key."""
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def chain_of(certificates) -> dict:
    """A trusted root's `certChain`."""
    encoded = [b64(each.public_bytes(serialization.Encoding.DER)) for each in certificates]
    return {"certificates": [{"rawBytes": each} for each in encoded]}


def _prefixed(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def _signer(stated: tsp.TSTInfo, certificate: asn1_x509.Certificate, key) -> dict:
    own = {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(stated.dump()).digest()]},
            {"type": "signing_certificate_v2", "values": [own]},
        ]
    )
    return {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}},
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
    }
