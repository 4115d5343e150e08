"""Private keys, passphrases and tokens: from files that are their owner's alone, from descriptors, from variables
(`env:NAME`), from a person.

* what others may read is refused; what is too long is refused, never cut
* a secret that was typed in the place of its file is not repeated
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.progress.room import make_room
from verifier.cli.running.variables import from_variable, is_variable
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.files.secret import MAX_PASSPHRASE, read_secret_file

if TYPE_CHECKING:
    from verifier.signatures.keys import PrivateKey

_MAX_PRIVATE_KEY_BYTES = 64 * 1024


def private_key(path: Path, passphrase_file: Path | None, *, where: str = "--key") -> PrivateKey:
    """Read a private key; its passphrase comes from a file or, on a terminal, from the person."""
    from verifier.publish.key_encryption import weakness  # noqa: PLC0415
    from verifier.signatures.keys import load_private_key  # noqa: PLC0415

    pem = private_key_file(path, where=where, limit=_MAX_PRIVATE_KEY_BYTES)
    phrase = None
    if b"ENCRYPTED" in pem:
        phrase = passphrase(passphrase_file, prompt=f"Passphrase of {path}: ")
        found = weakness(pem)
        if found is not None:
            output.finding(Reason(code="key.weakly-encrypted", subject=str(path), message=found))
    return load_private_key(pem, passphrase=phrase, where=str(path))


def passphrase(file: Path | None, *, prompt: str, where: str = "--passphrase-file") -> bytes | None:
    """The passphrase of an encrypted key: from a file (one trailing newline is cut), or asked for on a terminal."""
    if file is not None:
        return secret_file(file, where=where, limit=MAX_PASSPHRASE + len(b"\r\n"), cut_newline=True)
    return bounded_passphrase(asked(prompt), where="the passphrase") if sys.stdin.isatty() else None


def secret_file(path: Path, *, where: str, limit: int, cut_newline: bool = False) -> bytes:
    """The secret in a file that an option names, or behind a descriptor.

    Where nothing is there the path is not repeated: it may be the secret itself, given in the place of its file.
    """
    if is_variable(str(path)):
        held = from_variable(str(path), where=where, limit=limit)
        return (bounded_passphrase(held.rstrip(b"\r\n"), where=where) or b"") if cut_newline else held
    if not os.path.exists(path):  # noqa: PTH110 - `Path.exists` raises for a name that is too long
        hint = "The option takes the name of a file, not what stands in it."
        raise ConfigurationError("names no file that is there", where=where, hint=hint)
    try:
        content = read_secret_file(path, max_bytes=limit)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error.message}", where=where, hint=error.hint) from error
    _require_way(path, where=where)
    if not cut_newline:
        return content
    whole = content.removesuffix(b"\n").removesuffix(b"\r") if content.endswith(b"\n") else content
    return bounded_passphrase(whole, where=where) or b""


def private_key_file(path: Path, *, where: str, limit: int) -> bytes:
    """The private key in a file that an option names, or behind a descriptor; what is another kind of file is read too,
    and refused by whoever knows keys."""
    if is_variable(str(path)):
        return from_variable(str(path), where=where, limit=limit)
    try:
        content = read_secret_file(path, max_bytes=limit, is_secret=lambda content: b"PRIVATE KEY" in content)
    except ConfigurationError as error:
        raise ConfigurationError(f"{shown(str(path))}: {error.message}", where=where, hint=error.hint) from error
    _require_way(path, where=where)
    return content


def _require_way(path: Path, *, where: str) -> None:
    """Refuse a secret that somebody else may exchange. What is missing is said by whoever reads it."""
    from verifier.files.place import exchanges  # noqa: PLC0415 - only for secrets

    for found in exchanges(path):
        hint = "chmod 600, in a folder that is yours or root's and nobody else's to write to."
        raise ConfigurationError(f"{shown(str(path))}: key.exposed: {found}", where=where, hint=hint)


def bounded_passphrase(phrase: bytes | None, *, where: str) -> bytes | None:
    """`phrase`, unless it is longer than the library that decrypts can take: a part of it would be another one."""
    if phrase is not None and len(phrase) > MAX_PASSPHRASE:
        raise ConfigurationError(f"a passphrase has at most {MAX_PASSPHRASE} bytes", where=where)
    return phrase


def asked(prompt: str) -> bytes | None:
    """What a person types, unseen; None where it is nothing."""
    from getpass import getpass  # noqa: PLC0415

    make_room()
    try:
        return getpass(prompt).encode("utf-8", "surrogateescape") or None
    except EOFError:  # Ctrl-D
        output.hint("")
        return None
