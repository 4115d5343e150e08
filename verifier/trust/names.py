"""What a policy names: files, read once each and digested together with it; and what its own rules may name.

* a file that cannot be read is an error at the line that names it
* a file named twice is read once, so both names mean the same bytes
* the digest over policy and files is the same exactly when all their bytes and names are
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.signers.signer import Signer
from verifier.core.value import Value
from verifier.formats.toml.table import Table

ReadFile = Callable[[str], bytes]
"""Returns the bytes of a file by its path as the policy has it; raises `ConfigurationError`."""

CheckOrder = Callable[[str, str, str], object]
"""Given "floor" or "max_jump", a scheme and a text; raises `ValueError` where the scheme cannot use it."""

_DOMAIN = b"policy-verifier trust v1"


class NamedFiles:
    """What has been read so far, by the path as the policy has it."""

    def __init__(self, read_file: ReadFile) -> None:
        self._read_file = read_file
        self._contents: dict[str, bytes] = {}

    def read(self, section: Table, key: str, path: str, *, index: int | None = None) -> bytes:
        """The bytes of `path`, which `key` of `section` names."""
        if path not in self._contents:
            try:
                self._contents[path] = self._read_file(path)
            except ConfigurationError as error:
                hint = error.hint.replace("the folder that this runs in", "the policy's folder")
                raise section.error(key, f"names {path!r}: {error.message}", hint, index=index) from error
        return self._contents[path]

    def digest_with(self, policy: bytes) -> Digest:
        """SHA-256 over the policy and every file that was read, each part behind its length."""
        state = hashlib.sha256()
        parts = [_DOMAIN, policy]
        for path in sorted(self._contents):
            parts += [path.encode(), self._contents[path]]
        for part in parts:
            state.update(len(part).to_bytes(8, "big") + part)
        return Digest(algorithm="sha256", value=state.hexdigest())


class Names(Value):
    """What the rules of one policy may refer to, and how they read the files that they name."""

    signers: Mapping[str, Signer]
    builders: frozenset[str]
    files: NamedFiles
    check_order: CheckOrder | None
