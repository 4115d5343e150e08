"""Formats that are told by the beginning of a text: armour, pages, lists, what tools print.

A new format is a row. What a row is asked is the first bytes and no more (`recognise.HEAD`), without leading white
space.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from verifier.formats.foreign.first_bytes import bare_signature
from verifier.formats.foreign.foreign import SIGN_AGAIN, SIGNED, UNSIGNED, Row, begins, row

_KEYS = "A public key is given with --key or in the policy's [signers], not as an attestation."
_SECRET = "Nothing needs a private key here; pass its public half, and treat it as exposed if others have seen it."  # noqa: S105 - a sentence
_CHECKSUM = re.compile(
    rb"(?:[0-9a-fA-F]{32,128}[ \t]+[ *]?[^\s{}][^\r\n]*"
    rb"|(?:SHA|MD|BLAKE)[0-9a-z/-]+ \([^\r\n]+\) = [0-9a-f]{32,128})(?:\r?\n|\Z)"
)
_TOKEN = re.compile(rb"ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\s*\Z")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}\Z")
_LISTING = re.compile(rb"(?:total [0-9]+[^\n]*\n)?[dl-][rwxsStT-]{9}[.+@]? +[0-9]+ ")
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|center)\b", re.IGNORECASE)
_SSH_KEY = re.compile(rb"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp[0-9]+|sk-[a-z0-9-]+@openssh\.com) AAAA")
_REFUSAL = re.compile(
    rb"(?:404|403|401|50[0-9])[ :]|HTTP/[0-9.]+ |(?:page )?not found|access denied|unauthorized|forbidden|bad gateway",
    re.IGNORECASE,
)


def _signature_in_base64(head: bytes) -> bool:
    text = b"".join(head.split())
    if len(text) > 1_024 or not _BASE64.match(text):
        return False
    try:
        return bare_signature(
            base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_" if b"_" in text else None)
        )
    except ValueError:
        return False


def _xml(head: bytes) -> bool:
    return head.startswith((b"<?xml", b"<Error>", b"<bom", b"<rdf:RDF", b"<testsuite"))


TEXTS: Final[tuple[Row, ...]] = (
    row(
        "git-lfs",
        "a Git LFS pointer, not the file that it stands for",
        begins(b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/"),
        "Fetch the file: `git lfs pull` (in CI: `lfs: true` at the checkout).",
    ),
    row(
        "html",
        "an HTML page: a login, an error or a folder's listing",
        lambda head: bool(_PAGE.match(head)) or (head.startswith(b"<") and b"<html" in head[:512].lower()),
        "Download the file itself (`curl --fail --location`), with a login where it needs one.",
    ),
    row(
        "cyclonedx-xml",
        "an SBOM (CycloneDX in XML) that nobody signed",
        lambda head: head.startswith(b"<") and b"cyclonedx.org/schema/bom" in head,
        "Sign it as an attestation: `cosign attest-blob --type cyclonedx`, or `verify attest`.",
        code=UNSIGNED,
    ),
    row(
        "xml",
        "an XML document, as object stores answer for an error",
        _xml,
        "Look at what it says, and download the file itself (`curl --fail --location`).",
    ),
    row(
        "ssh-signature",
        "an SSH signature (`ssh-keygen -Y sign`)",
        begins(b"-----BEGIN SSH SIGNATURE", b"SSHSIG"),
        f"SSH's signatures are checked by `ssh-keygen -Y verify`; here: {SIGN_AGAIN}",
        code=SIGNED,
    ),
    row(
        "ssh-private-key", "an SSH private key", begins(b"-----BEGIN OPENSSH PRIVATE KEY"), _SECRET, read_at=("secret",)
    ),
    row(
        "ssh-public-key",
        "an SSH public key",
        lambda head: bool(_SSH_KEY.match(head)) or head.startswith(b"---- BEGIN SSH2 PUBLIC KEY"),
        "A key is given with --key, as PEM: `ssh-keygen -e -m PKCS8 -f FILE` converts it.",
        read_at=("key",),
    ),
    row(
        "gpg-signature",
        "a GPG (OpenPGP) signature",
        begins(b"-----BEGIN PGP SIGN", b"-----BEGIN PGP MESSAGE"),
        f"GPG's signatures are checked by `gpg --verify`; here: {SIGN_AGAIN}",
        code=SIGNED,
    ),
    row(
        "gpg-key",
        "a GPG (OpenPGP) key",
        begins(b"-----BEGIN PGP P"),
        "GPG keys are not read here; make one with `verify key generate`, and pass its public half (PEM).",
        code=SIGNED,
    ),
    row(
        "minisign",
        "a minisign or signify signature or key",
        begins(b"untrusted comment:"),
        f"It is checked by `minisign -V`; here: {SIGN_AGAIN}",
        code=SIGNED,
    ),
    row(
        "age",
        "a file or key of age, which encrypts",
        begins(b"age-encryption.org/", b"-----BEGIN AGE ", b"AGE-SECRET-KEY-"),
        "Decrypt it first.",
    ),
    row(
        "certificate-request",
        "a certificate request (CSR)",
        begins(b"-----BEGIN CERTIFICATE REQ", b"-----BEGIN NEW CERT"),
        "A request is no key: `openssl req -pubkey -noout -in FILE` writes the key that is in it.",
    ),
    row(
        "certificate",
        "a certificate (PEM)",
        begins(b"-----BEGIN CERT", b"-----BEGIN TRUSTED CERT", b"-----BEGIN X509 "),
        "A certificate alone signs nothing: pass the Sigstore bundle. For its key: `openssl x509 -pubkey -noout`.",
    ),
    row(
        "cms-pem",
        "a CMS (PKCS #7) document in PEM",
        begins(b"-----BEGIN PKCS7", b"-----BEGIN CMS"),
        SIGN_AGAIN,
        code=SIGNED,
    ),
    row(
        "public-key",
        "a public key (PEM)",
        begins(b"-----BEGIN PUBLIC KEY", b"-----BEGIN RSA PUBLIC KEY"),
        _KEYS,
        read_at=("key",),
    ),
    row(
        "cosign-private-key",
        "cosign's private key, encrypted in cosign's own way",
        begins(b"-----BEGIN ENCRYPTED COSIGN", b"-----BEGIN ENCRYPTED SIGSTORE"),
        "Its public half verifies: `cosign public-key --key FILE`.",
        read_at=("secret",),
    ),
    row(
        "private-key",
        "a private key (PEM)",
        lambda head: b"PRIVATE KEY-----" in head[:64] and head.startswith(b"-----BEGIN "),
        _SECRET,
        read_at=("secret",),
    ),
    row("pem", "a PEM document", begins(b"-----BEGIN "), "Pass the attestation or signature that was made with it."),
    row(
        "pem-in-base64",
        "a PEM document in base64, as cosign's --output-certificate writes it",
        begins(b"LS0tLS1CRUdJTi"),
        "Decode it (`base64 -d`); a certificate alone signs nothing: pass cosign's bundle (`--bundle`).",
    ),
    row(
        "jws",
        "a JWS or JWT (three parts with dots between)",
        lambda head: bool(_TOKEN.match(head)),
        "Only a bundle's .signatures.json holds these; pass a DSSE envelope or a Sigstore bundle. A token is a secret.",
        code=SIGNED,
    ),
    row(
        "base64-signature",
        "a bare signature in base64 and nothing else, as cosign's `sign-blob` prints it",
        _signature_in_base64,
        f"It names neither key nor file. {SIGN_AGAIN}",
        code=SIGNED,
        read_at=("attestation",),
    ),
    row(
        "json-in-base64",
        "JSON in base64, such as the payload of an envelope",
        lambda head: (
            head.startswith((b"eyJ", b"ewog", b"ewoJ", b"W3si")) and bool(_BASE64.match(b"".join(head.split())[:512]))
        ),
        "Pass the whole envelope, or decode it (`base64 -d`).",
    ),
    row(
        "checksums",
        "a file of checksums, which nobody signed",
        lambda head: bool(_CHECKSUM.match(head)),
        "It is an artifact: `verify artifact CHECKSUMS --bundle … --checksums` verifies it, and what it lists.",
        code=UNSIGNED,
    ),
    row(
        "listing",
        "a directory's listing (`ls -l`)",
        lambda head: bool(_LISTING.match(head)),
        "Pass the file itself, or the folder that holds it.",
    ),
    row(
        "spdx-text",
        "an SBOM (SPDX) that nobody signed",
        begins(b"SPDXVersion:"),
        "Sign it as an attestation: `cosign attest-blob --type spdx`, or `verify attest`.",
        code=UNSIGNED,
    ),
    row(
        "git-bundle",
        "a Git bundle",
        begins(b"# v2 git bundle", b"# v3 git bundle"),
        "It is Git's; pass a bundle of OPA.",
    ),
    row(
        "conflict",
        "a file that Git left with conflicts",
        begins(b"<<<<<<< "),
        "Resolve the conflict, and pass the result.",
    ),
    row(
        "answer",
        "what a server answered instead of the file",
        lambda head: len(head) < 2_048 and bool(_REFUSAL.match(head)),
        "Download the file itself (`curl --fail --location`), with a login where it needs one.",
    ),
    row(
        "gcloud-yaml",
        "gcloud's description of an image in YAML",
        begins(b"image_summary:", b"provenance_summary:"),
        "Ask with --format json, and pass the envelope in it: `jq '.provenance_summary.provenance[0].envelope'`.",
    ),
    row(
        "yaml",
        "a YAML document",
        lambda head: head.startswith((b"apiVersion:", b"---\n", b"---\r\n", b"kind:")),
        "Pass the document that the place asks for; YAML is read only inside of bundles.",
    ),
    row(
        "trust-policy",
        "a trust policy of `verify` (TOML)",
        lambda head: b"\n[signers" in head[:8_192] or b"\n[artifacts." in head[:8_192] or head.startswith(b"[signers"),
        "A policy is given with --policy.",
        read_at=("policy",),
    ),
    row(
        "rego",
        "a Rego module",
        lambda head: bool(re.match(rb"(?:#[^\n]*\n|\s)*package [a-z_][\w.]*\s", head[:4_096])),
        "It is an artifact, or part of a bundle: `verify sign bundle FOLDER`.",
    ),
)
"""Asked in this order, behind what is told by its first bytes."""
