"""What stands where a public key belongs, and is none: its name, and what to do. Loaded when a key is refused.

* a private key is named as one, with how to get its public half; nothing of it is repeated
* other programs' keys, signatures and certificates are named as theirs
* what may be a shared secret is said to be that, with how one is given
"""

from __future__ import annotations

from typing import Final

from verifier.formats.foreign.recognise import recognise
from verifier.formats.keys.spki import certificate, other_key, private
from verifier.formats.keys.text import NoPublicKeyError

_FORMS: Final = (
    "Taken are PEM (PUBLIC KEY, RSA PUBLIC KEY), DER, a JWK, and OpenSSH's public keys; "
    "`openssl pkey -pubin -in FILE -pubout` writes PEM."
)
_NAME_ONE: Final = "Name the file of a public key: PEM, DER, a JWK, or OpenSSH's."
_COSIGN: Final = "Its public half is cosign.pub beside it, or `cosign public-key --key FILE`"
_OPENSSH: Final = "Its public half is the .pub file beside it, or `ssh-keygen -y -f FILE`"
_PRIVATE: Final = {
    "ENCRYPTED COSIGN PRIVATE KEY": ("cosign's private key", _COSIGN),
    "ENCRYPTED SIGSTORE PRIVATE KEY": ("cosign's private key", _COSIGN),
    "OPENSSH PRIVATE KEY": ("OpenSSH's private key", _OPENSSH),
    "ENCRYPTED PRIVATE KEY": ("a private key (encrypted)", ""),
    "PGP PRIVATE KEY BLOCK": ("GPG's private key", "GPG's signatures are not verified here: take a key in PEM"),
}
_BLOCKS: Final = {
    "CERTIFICATE REQUEST": "a request for a certificate",
    "NEW CERTIFICATE REQUEST": "a request for a certificate",
    "PGP PUBLIC KEY BLOCK": "a key of GPG, whose signatures are not verified here",
    "PGP SIGNATURE": "a signature of GPG",
    "PGP SIGNED MESSAGE": "a message that GPG signed",
    "PGP MESSAGE": "a message of GPG",
    "SSH SIGNATURE": "a signature of OpenSSH",
    "EC PARAMETERS": "the parameters of a curve",
    "DH PARAMETERS": "parameters of Diffie-Hellman",
    "PKCS7": "a store of certificates (PKCS#7)",
    "X509 CRL": "a list of revoked certificates",
}
_BEGINNINGS: Final = (
    ("untrusted comment: minisign", "a key or signature of minisign, whose signatures are not verified here"),
    ("untrusted comment:", "a key or signature of signify, whose signatures are not verified here"),
    ("age1", "a recipient of age, which encrypts and signs nothing"),
    ("version https://git-lfs", "a pointer of Git LFS: `git lfs pull` fetches the file itself"),
    ("<", "a page (HTML or XML), as a server answers whom it refuses or does not know"),
)


_VAGUE: Final = frozenset({"text", "raw-signature", "base64-signature", "der"})
"""Formats that a shared secret may look like."""


def other_block(label: str) -> NoPublicKeyError:
    """What a PEM block with this label is, which is no public key."""
    if "PRIVATE KEY" in label:
        return private(*_PRIVATE.get(label, ("a private key", "")))
    if label.endswith("CERTIFICATE"):
        return certificate()
    if label == "DSA PUBLIC KEY":
        return other_key("DSA")
    return NoPublicKeyError(f"is {_BLOCKS.get(label, f'a PEM block {label!r}')}, expected a public key", _NAME_ONE)


def named(content: bytes, text: str) -> NoPublicKeyError:
    """What `content` is, which has no form that a public key has."""
    if text.startswith(("PuTTY-User-Key-File-", "AGE-SECRET-KEY-")):
        return private("a private key of PuTTY or age", "PuTTYgen exports a public key in OpenSSH's form")
    if "-----END" in text:
        return NoPublicKeyError("is a PEM block that is cut: its BEGIN line is missing", "Get the whole file again.")
    for beginning, what in _BEGINNINGS:
        if text.startswith(beginning):
            return NoPublicKeyError(f"is {what}, expected a public key", _NAME_ONE)
    if b"-\0-\0B\0E\0G\0I\0N" in content:
        return NoPublicKeyError("is UTF-16 without its byte order mark", "Save it as UTF-8, or as the text it was.")
    foreign = recognise(content, place="key")
    if foreign is not None and foreign.name not in _VAGUE:
        return NoPublicKeyError(f"is {foreign.what}, expected a public key", _NAME_ONE)
    kind = " of text" if content.isascii() or "�" not in content.decode("utf-8", "replace") else " of binary data"
    return NoPublicKeyError(
        f"is {len(content)} bytes{kind}, and no public key in a form that is known here",
        f"{_FORMS} A shared secret is no public key: name it as one, with --algorithm HS256, or `secret` in a policy.",
    )
