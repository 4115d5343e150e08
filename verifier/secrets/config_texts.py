"""The texts of an image's config, each with its place: `Env`, `Cmd`, labels, history, and whatever else it has.

* every string is one, also the names of members, and those of fields that nobody knows; escapes of JSON are undone, and
  those of a shell's double quotes besides
* a variable, a build argument or a label that is called a password, a token or a key, and has a value, is a secret
* a value that is filled in later, or is the path of a file, is none

Pure. What is no JSON is refused here as it is by whoever reads the config.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.oci.manifest import MAX_DOCUMENT_VALUES
from verifier.secrets.rules import Hit, is_placeholder

_NAME: Final = (
    rb"[A-Z0-9_.-]{0,64}(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_KEY|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY"
    rb"|CREDENTIALS)"
)
_ASSIGNED: Final = re.compile(
    rb"(?i)(?<![A-Z0-9_.-])" + _NAME + rb"=(?:\"([^\"]{4,512})|'([^']{4,512})|([^\s\"';&|]{4,512}))"
)
_SAID: Final = re.compile(
    r"[a-z]{1,32}(?:[._/-][a-z]{1,32}|[._/-][0-9]{1,4}){0,16}"
    r"|Env|Cmd|Entrypoint|Labels|OnBuild|Healthcheck|Test|Shell|User|WorkingDir|Volumes|ExposedPorts"
)
"""Names that a place is called by: any other may itself be a secret, and is called by its number."""
_NO_SECRET: Final = re.compile(rb"(?i)true|false|none|null|[0-9]{1,6}|[0-9.]{1,20}|[0-9]{1,6}[smhd]")


class ConfigTexts:
    """The texts of a config as one document, `joined`, and the place of each line of it."""

    def __init__(self, content: bytes) -> None:
        found = list(_strings(_read(content), ""))
        texts = [text.encode("utf-8", "replace").replace(b'\\"', b'"') for _, text in found]
        self.joined = b"\n".join(texts)
        self._places = [place for place, _ in found]
        self._first = list(accumulate((text.count(b"\n") + 1 for text in texts), initial=1))

    def place(self, line: int) -> str:
        """Whose text has this line, counted from 1."""
        return self._places[bisect_right(self._first, line) - 1] if self._places else ""

    def assigned(self) -> Iterator[tuple[int, Hit]]:
        """What is a secret by the name of its variable, each with its line."""
        line, counted = 1, 0
        for match in _ASSIGNED.finditer(self.joined):
            value = next(each for each in match.groups() if each is not None)
            if not is_placeholder(value) and not _NO_SECRET.fullmatch(value):
                line, counted = line + self.joined.count(b"\n", counted, match.start()), match.start()
                yield line, Hit("variable", match.start(), value)


def _read(content: bytes) -> JsonValue:
    return strict_json.parse(
        content, subject="config", max_depth=MAX_ENVELOPE_DEPTH, max_values=MAX_DOCUMENT_VALUES
    ).value


def _strings(value: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for number, (name, member) in enumerate(value.items()):
            said = name if _SAID.fullmatch(name) else f"[{number}]"
            below = f"{place}.{said}" if place else said
            # The name of a label is told by what stands before its value, as that of a variable is.
            yield below, f"{name}={member}" if isinstance(member, str) else name
            if not isinstance(member, str):
                yield from _strings(member, below)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _strings(member, f"{place}[{index}]")
