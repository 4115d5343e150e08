"""Names that a shell asks for while somebody types: rules of a policy, scopes of a ledger, reason codes.

* only names of plain letters are told, so that no shell can take one for anything else, whatever it does with it
* nothing is said where nothing can be read; no server is asked, no ledger is made or changed
* a policy is not judged, nor is a ledger: who completes a name has decided nothing
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from verifier.core.errors import VerifierError

PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,200}\Z")
"""What a name is made of that is told. None of it means anything to bash, zsh or fish."""
_MOST: Final = 300
_KINDS: Final = {"bundle": "bundle", "image": "image", "artifact": "artifact", "preload": "bundle", "serve": "bundle"}
_MAX_POLICY: Final = 1024 * 1024


def names(kind: str, begun: str, words: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """The names of a kind ("rule", "scope" or "code") that begin with `begun`, in order.

    `words` are what is typed behind `verify`, as the shell has it; `variables` the environment.
    """
    typed = [_bare(word) for word in words]
    found: Iterable[str] = ()
    if kind == "rule":
        found = _rules(_value("--policy", typed) or variables.get("VERIFY_POLICY", ""), typed[:1])
    elif kind == "scope":
        found = _scopes(_value("--ledger", typed) or variables.get("VERIFY_LEDGER") or None)
    elif kind == "code":
        from verifier.core.reasons.table import CATALOGUE  # noqa: PLC0415 - only where they are asked for

        found = CATALOGUE
    return sorted({name for name in found if name.startswith(begun) and PLAIN.match(name)})[:_MOST]


def _bare(word: str) -> str:
    """A word without the shell's quotes; what the shell would expand stays as it is."""
    try:
        return "".join(shlex.split(word)[:1])
    except ValueError:  # a quote that is still open
        return word


def _value(flag: str, words: Sequence[str]) -> str:
    """The value of an option, the last one that is typed."""
    found = ""
    for number, word in enumerate(words):
        if word == flag:
            found = "".join(words[number + 1 : number + 2])
        elif word.startswith(f"{flag}="):
            found = word.partition("=")[2]
    return found


def _rules(policy: str, command: Sequence[str]) -> Iterator[str]:
    """The names that a policy has rules for, of the kind that the command is about, without patterns."""
    from tomllib import TOMLDecodeError, loads  # noqa: PLC0415 - only where there is a policy

    from verifier.files.read import read_named_file  # noqa: PLC0415 - as above

    try:
        said = loads(read_named_file(_path(policy), max_bytes=_MAX_POLICY).decode()) if policy else {}
    except (VerifierError, TOMLDecodeError, ValueError, RecursionError, OSError):
        return
    rules = said.get("artifacts")
    wanted = _KINDS.get("".join(command), "")
    for pattern in rules if isinstance(rules, dict) else ():
        kind, _, name = pattern.partition(":")
        if kind == wanted or not wanted:
            yield name


def _scopes(url: str | None) -> Iterator[str]:
    """The scopes of a ledger in a file."""
    from verifier.cli import settings  # noqa: PLC0415 - only where there is a ledger
    from verifier.ledger.open import open_ledger_url  # noqa: PLC0415 - as above

    path = settings.default_ledger_path() if url is None else _path(url.removeprefix("sqlite:"))
    if "://" in (url or "").removeprefix("sqlite:") or not path.is_file():
        return
    try:
        with open_ledger_url(url or f"sqlite:{path}", read_only=True) as ledger:
            states = ledger.scopes().states
    except (VerifierError, OSError, ValueError):
        return
    yield from dict(states)


def _path(text: str) -> Path:
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # a user that there is not
        return path
