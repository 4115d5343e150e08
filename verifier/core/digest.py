"""Digests: an algorithm name and lower-case hex, as in-toto and OCI write them.

* what bytes are called is compared under every name that can be computed here (`Digests`), strong or weak
* only a strong name, or the one that was asked about, says that something is about these bytes; a weak one, or one in
  an unusual spelling, can only contradict
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from verifier.core.value import Value

_HASHES: Final = (
    *("sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256", "sha3_224", "sha3_256", "sha3_384"),
    *("sha3_512", "blake2b", "blake2s", "sha1", "md5", "ripemd160", "sm3"),
)
"""Names of a DigestSet that are hash functions of the content alone; gitBlob is one too, behind a header. Trees,
directories, commits and the images of clouds are not."""
_STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
_OTHER_NAMES: Final = {
    "gitblob": "gitblob",
    **{name.replace("_", ""): name for name in _HASHES},
    **{name.replace("sha", "sha2"): name for name in ("sha224", "sha256", "sha384", "sha512")},
}
"""Every spelling without case, `-`, `_` and `/`, and the name in `hashlib`."""
_HEX: Final = "0123456789abcdef"
_HEX_DIGITS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_WEAK: Final = frozenset({"md5", "sha1", "ripemd160"})
_NAMED: Final = r"(?i:sha-?\d+|md5|ripemd-?160):|sha(?:1|256|384|512)-[A-Za-z0-9+/=]{20,}\Z"

_BEGINNINGS: Final = frozenset({"sha", "md5", "rip"})
"""Of what `_NAMED` matches: most files are called otherwise, and compiling it takes long."""


class Digest(Value):
    """One entry of an in-toto DigestSet.

    `algorithm` is the DigestSet key ("sha256"), `value` what stands under it: lower-case hex for hash
    functions, any text for others ("gce_image_id").
    Source: https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        if self.algorithm == "sha256" and not (len(self.value) == 64 and is_hex(self.value)):
            raise ValueError(f"a sha256 digest is 64 lower-case hex digits, not {self.value!r}")
        if not self.algorithm or not self.value:
            raise ValueError("a digest needs an algorithm and a value")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    @classmethod
    def of(cls, content: bytes | memoryview) -> Digest:
        """The SHA-256 of `content`."""
        return cls(algorithm="sha256", value=hashlib.sha256(content).hexdigest())

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `algorithm:value`; raises `ValueError` for anything else."""
        algorithm, separator, value = text.partition(":")
        if not separator:
            raise ValueError(f"a digest is written algorithm:value, not {text!r}")
        return cls(algorithm=algorithm, value=value)


def is_hex(text: str) -> bool:
    """Whether `text` is lower-case hex, and something."""
    return bool(text) and not text.strip(_HEX)


def looks_like_digest(text: str) -> bool:
    """Whether `text`, where a file might be named, is written as a digest is: for `read_digest` to read, or refuse."""
    return (not text.isascii() or text[:3].lower() in _BEGINNINGS) and re.match(_NAMED, text) is not None


def bare_digest(text: str) -> str | None:
    """The algorithm whose digest `text` may be, in hex and without its name; None where it is none."""
    sizes = {size: name for name, size in _HEX_DIGITS.items()}
    return sizes.get(len(text)) if is_hex(text.lower()) else None


def read_digest(text: str) -> Digest:
    """The digest that somebody names an artifact by: `sha256:HEX` (sha384, sha512), npm's `sha512-BASE64`, or another
    entry of a DigestSet as it is written there; raises `ValueError` for a weak one and for what is none."""
    name, separator, value = text.partition(":")
    if not separator and "-" in text:
        return _integrity(text)
    if not separator:
        raise ValueError(f"a digest is written algorithm:value, not {text!r}")
    if (plain := _plain(name)) in _WEAK:
        raise ValueError(f"{plain} names no bytes: others can be made that have it; give the sha256 or sha512")
    size = _HEX_DIGITS.get(plain)
    if size is None:
        return Digest(algorithm=name, value=value)
    if name != plain:
        raise ValueError(f"a {plain} digest is written {plain}:HEX, not {name}:...")
    if len(value) != size or not is_hex(value.lower()):
        seen = f"{len(value)} characters" if len(value) != size else "other characters"
        raise ValueError(f"a {name} digest is {size} hex digits, not {seen}")
    return Digest(algorithm=name, value=value.lower())


def _integrity(text: str) -> Digest:
    """Source: https://www.w3.org/TR/sri/#the-integrity-attribute, of which npm writes one hash without options."""
    from binascii import Error, a2b_base64, b2a_base64  # noqa: PLC0415 - only for who writes it so

    name, _, value = text.partition("-")
    if name in _WEAK:
        raise ValueError(f"{name} names no bytes: others can be made that have it; give the sha256 or sha512")
    if name not in _HEX_DIGITS:
        raise ValueError(f"a digest is written algorithm:value, or sha512-BASE64 as npm does, not {text!r}")
    try:
        raw = a2b_base64(value.encode("ascii"), strict_mode=True)
    except (Error, UnicodeEncodeError):
        raw = b""
    if 2 * len(raw) != _HEX_DIGITS[name] or b2a_base64(raw, newline=False).decode() != value:
        raise ValueError(
            f"an integrity is one {name}-BASE64 of {_HEX_DIGITS[name] // 2} bytes, without anything beside it"
        )
    return Digest(algorithm=name, value=raw.hex())


class Digests:
    """What some bytes are called: the digests that are given, and of the `content`, where it is at hand, any other."""

    def __init__(self, *given: Digest, content: bytes | None = None) -> None:
        self._given = frozenset(given)
        self._values = {_plain(each.algorithm): each.value for each in given}
        self._content = content

    def match(self, named: Iterable[Digest]) -> bool:
        """Whether one of these digests is a given one, or is strong and that of the bytes."""
        return any(
            each in self._given or (each.algorithm in _STRONG and self._value(each) == each.value) for each in named
        )

    def contradicted(self, named: Iterable[Digest]) -> Digest | None:
        """A digest among these that the bytes do not have, where that can be known."""
        for each in named:
            value = self._value(each)
            if value is not None and value != each.value.lower():
                return each
        return None

    def _value(self, digest: Digest) -> str | None:
        name = _plain(digest.algorithm)
        if name not in self._values and self._content is not None:
            computed = _computed(name, self._content)
            if computed is None:
                return None
            self._values[name] = computed
        return self._values.get(name)


def _plain(algorithm: str) -> str:
    folded = algorithm.lower().replace("-", "").replace("_", "").replace("/", "")
    return _OTHER_NAMES.get(folded, folded)


def _computed(name: str, content: bytes) -> str | None:
    if name == "gitblob":
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if name not in _HASHES:
        return None
    try:
        return hashlib.new(name, content, usedforsecurity=False).hexdigest()
    except ValueError:  # not in this build of OpenSSL
        return None
