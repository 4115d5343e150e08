"""Formats that are told by their first bytes, most of them binary.

A new format is a row. What a row is asked is the first bytes and no more (`recognise.HEAD`).
"""

from __future__ import annotations

from typing import Final

from verifier.formats.foreign.foreign import SIGN_AGAIN, SIGNED, Row, begins, row

_UNPACK = "Unpack it and pass the document that is in it."
_CMS = bytes.fromhex("06092a864886f70d010702")
_TIMESTAMP = bytes.fromhex("060b2a864886f70d0109100104")
_KEY_ALGORITHMS = (
    bytes.fromhex("06072a8648ce3d0201"),
    bytes.fromhex("06092a864886f70d010101"),
    b"\x06\x03\x2b\x65\x70",
)
_NAMES = bytes.fromhex("0603550403"), bytes.fromhex("060355040a")
_RAW_LENGTHS: Final = frozenset({64, 96, 132, 256, 384, 512})
"""Bytes of bare signatures: Ed25519 and P-256, P-384, P-521, RSA."""


def _der(head: bytes) -> bool:
    return head[:1] == b"\x30" and len(head) > 8 and (head[1] in (0x81, 0x82, 0x83) or head[1] < 0x80)


def _whole_der(head: bytes) -> bool:
    """One short sequence that ends where its length says."""
    short = head[:1] == b"\x30" and len(head) > 8 and head[1] == len(head) - 2
    return short or (head[:2] == b"\x30\x81" and len(head) > 8 and head[2] == len(head) - 3)


def _der_signature(head: bytes) -> bool:
    """SEQUENCE of two INTEGERs and nothing else, as ECDSA's signatures are."""
    short = len(head) > 8 and head[0] == 0x30 and head[1] == len(head) - 2 and head[2] == 0x02
    longer = len(head) > 9 and head[:2] == b"\x30\x81" and head[2] == len(head) - 3 and head[3] == 0x02
    if not (short or longer):
        return False
    at = 3 if short else 4
    behind = at + 1 + head[at]
    return head[behind : behind + 1] == b"\x02" and behind + 2 + head[behind + 1 : behind + 2][0] == len(head)


def der_signature(content: bytes) -> bool:
    """Whether it is an ECDSA signature in DER."""
    try:
        return _der_signature(content)
    except IndexError:
        return False


def bare_signature(content: bytes) -> bool:
    """Whether it can be nothing but a signature: DER, or as long as one and no text."""
    if der_signature(content):
        return True
    return len(content) in _RAW_LENGTHS and not content.isascii()


def _utf_16(head: bytes) -> bool:
    """By its mark, or by ASCII in every other byte."""
    even, odd = head[0:8:2], head[1:8:2]
    halves = ((even, odd), (odd, even))
    plain = any(len(nul) > 1 and not nul.strip(b"\0") and text.isascii() and 0 not in text for nul, text in halves)
    return plain or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _pgp_packet(head: bytes) -> int:
    """The tag of an OpenPGP packet that can stand first in a file; 0 where there is none (RFC 9580, section 4.2)."""
    if len(head) < 8 or not head[0] & 0x80:
        return 0
    if head[0] & 0x40:
        tag, at = head[0] & 0x3F, 2 if head[1] < 192 else 3 if head[1] < 224 else 6
    else:
        tag, at = (head[0] >> 2) & 0x0F, (2, 3, 5, 1)[head[0] & 0x03]
    versions = {2: (3, 4, 5, 6), 4: (3, 6), 5: (3, 4, 5, 6), 6: (3, 4, 5, 6), 8: (1, 2, 3)}
    return tag if head[at] in versions.get(tag, ()) else 0


BINARY: Final[tuple[Row, ...]] = (
    row("empty", "an empty file", lambda head: not head.strip(), "Fetch or write it again: nothing has come."),
    row(
        "utf-8-bom",
        "text that begins with a UTF-8 byte order mark",
        begins(b"\xef\xbb\xbf"),
        "Save it as UTF-8 without a byte order mark (PowerShell: -Encoding utf8NoBOM).",
    ),
    row(
        "utf-32",
        "text in UTF-32",
        begins(b"\xff\xfe\0\0", b"\0\0\xfe\xff"),
        "Write it as UTF-8: `iconv -f UTF-32 -t UTF-8`.",
    ),
    row(
        "utf-16",
        "text in UTF-16, as a redirection in Windows PowerShell writes it",
        _utf_16,
        "Write it as UTF-8: `iconv -f UTF-16 -t UTF-8`, or let the tool write its file itself.",
    ),
    row("zip", "a zip archive (a wheel and a jar are one)", begins(b"PK\x03\x04", b"PK\x05\x06"), _UNPACK),
    row("zstd", "compressed by zstd", begins(b"\x28\xb5\x2f\xfd"), "Unpack it with `zstd -d`."),
    row("xz", "compressed by xz", begins(b"\xfd7zXZ\0"), "Unpack it with `xz -d`."),
    row("bzip2", "compressed by bzip2", begins(b"BZh"), "Unpack it with `bzip2 -d`."),
    row("lz4", "compressed by lz4", begins(b"\x04\x22\x4d\x18"), "Unpack it with `lz4 -d`."),
    row("7z", "a 7-Zip archive", begins(b"7z\xbc\xaf\x27\x1c"), _UNPACK),
    row(
        "tar",
        "a tar archive that is not compressed",
        lambda head: head[257:262] == b"ustar",
        "Pack a bundle with gzip (`opa build`, or `tar czf`); unpack a document first.",
    ),
    row("sqlite", "an SQLite database", begins(b"SQLite format 3\0"), "A ledger is named with --ledger sqlite:PATH."),
    row("wasm", "a WebAssembly module", begins(b"\0asm"), "Pass the bundle or the document that belongs to it."),
    row("elf", "a program (ELF)", begins(b"\x7fELF"), "It is an artifact: `verify artifact FILE`."),
    row("pdf", "a PDF document", begins(b"%PDF-"), "Pass the document that a program reads."),
    row(
        "gpg-signature",
        "a GPG (OpenPGP) signature",
        lambda head: _pgp_packet(head) in (2, 4, 8),
        f"GPG's signatures are checked by `gpg --verify`; here: {SIGN_AGAIN}",
        code=SIGNED,
    ),
    row(
        "gpg-key",
        "a GPG (OpenPGP) key",
        lambda head: _pgp_packet(head) in (5, 6),
        "GPG keys are not read here; make one with `verify key generate`, and pass its public half (PEM).",
        code=SIGNED,
    ),
    row(
        "cms",
        "a CMS (PKCS #7) signature",
        lambda head: _der(head) and _CMS in head[:40],
        SIGN_AGAIN,
        code=SIGNED,
    ),
    row(
        "timestamp",
        "an RFC 3161 timestamp",
        lambda head: _der(head) and _TIMESTAMP in head[:400],
        "A timestamp alone signs nothing by a trusted signer: pass the Sigstore bundle that has it.",
        code=SIGNED,
    ),
    row(
        "raw-signature",
        "a bare (detached, raw) signature and nothing else, as `openssl dgst -sign` writes it",
        bare_signature,
        SIGN_AGAIN,
        code=SIGNED,
        read_at=("attestation",),
    ),
    row(
        "der-key",
        "a key in DER",
        lambda head: _der(head) and any(each in head[:48] for each in _KEY_ALGORITHMS) and _NAMES[0] not in head,
        "A public key is written as PEM (`openssl pkey -pubin -inform DER -in FILE`) and given with --key.",
        read_at=("key",),
    ),
    row(
        "der-certificate",
        "a certificate in DER",
        lambda head: _der(head) and any(each in head for each in _NAMES),
        "A certificate alone signs nothing; pass the Sigstore bundle or the attestation that it belongs to.",
    ),
    row(
        "der",
        "a document in DER, such as a request for a timestamp",
        _whole_der,
        "Pass the Sigstore bundle or the attestation that it belongs to.",
    ),
)
"""Asked in this order."""

GZIP: Final = row(
    "gzip",
    "compressed by gzip",
    begins(b"\x1f\x8b"),
    "Unpack it with `gunzip`, and pass the document that is in it; a bundle is given to `verify bundle`.",
    read_at=("bundle",),
)
