"""Digests: an algorithm name and lower-case hex, as in-toto and OCI write them."""

from __future__ import annotations

import hashlib
import re

from verifier.core.value import Value

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Digest(Value):
    """One entry of an in-toto DigestSet.

    `algorithm` is the DigestSet key ("sha256"), `value` what stands under it: lower-case hex for hash
    functions, any text for others ("gce_image_id").
    Source: https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        if self.algorithm == "sha256" and not _SHA256.match(self.value):
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
