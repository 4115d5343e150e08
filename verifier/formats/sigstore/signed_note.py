"""Checkpoints of transparency logs: signed notes (https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md).

* one text, one reading: every line of text and signatures is what the specification says, or the note is refused
* the tree's size and root hash are the note's own, to be compared with those of a proof
* what is read here is not verified: whoever holds the log's key does that, over the note's own bytes
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.formats.base64_text import decode

MAX_NOTE: Final = 64 * 1024
"""Characters of a note: a few lines, and a signature for each of a log's witnesses."""
MAX_NOTE_SIGNATURES: Final = 64

_BLANK: Final = "\n\n"
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_SIGNATURE = re.compile(r"\u2014 (\S{1,256}) ([A-Za-z0-9+/=]+)\Z")


class NoteSignature(Value):
    """A line of signature: who, the four bytes that hint at the key, and the signature."""

    name: str
    key_hint: bytes
    signature: bytes


class Checkpoint(Value):
    """What a log says of itself: the hash of its first `tree_size` entries. `note` is the whole text."""

    note: str
    origin: str
    tree_size: int
    root_hash: bytes
    signatures: tuple[NoteSignature, ...]

    @property
    def signed_text(self) -> bytes:
        """What each signature is over: the text with the end of its last line, without the blank line behind it."""
        return f"{self.note.partition(_BLANK)[0]}\n".encode()

    def is_by(self, log_id: bytes) -> bool:
        """Whether the log itself signed, by the key that `log_id` starts to name and under the origin's name.

        Rekor writes the name of a shard as "NAME - TREE"; witnesses sign beside it, under names of their own.
        """
        return any(
            each.key_hint == log_id[:4] and f"{self.origin} - ".startswith(f"{each.name} - ")
            for each in self.signatures
        )


def parse_checkpoint(note: str, *, code: str, subject: str) -> Checkpoint:
    """Read a checkpoint; `code` is what refusals say."""

    def refusal(message: str) -> Refused:
        return refuse(code, subject, f"the checkpoint {message}")

    if len(note) > MAX_NOTE:
        raise refusal(f"takes {len(note)} characters, expected at most {MAX_NOTE}")
    text, blank, block = note.partition(_BLANK)
    if not blank or not block.endswith("\n"):
        raise refusal("is not a text, a blank line and lines of signatures")
    origin, *rest = text.split("\n")
    lines = block[:-1].split("\n")
    if not origin or len(rest) < 2 or not _SIZE.match(rest[0]):
        raise refusal("does not start with an origin, a tree size and a root hash")
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise refusal(f"has {len(lines)} signatures, expected at most {MAX_NOTE_SIGNATURES}")
    try:
        signatures = tuple(_signature(line) for line in lines)
        root_hash = decode(rest[1])
    except ValueError as error:
        raise refusal(str(error)) from error
    return Checkpoint(note=note, origin=origin, tree_size=int(rest[0]), root_hash=root_hash, signatures=signatures)


def _signature(line: str) -> NoteSignature:
    match = _SIGNATURE.match(line)
    if match is None:
        raise ValueError("has a line that is not a signature")
    content = decode(match[2])
    if len(content) <= 4:
        raise ValueError("has a signature that is too short")
    return NoteSignature(name=match[1], key_hint=content[:4], signature=content[4:])
