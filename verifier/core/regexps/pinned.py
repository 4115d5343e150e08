"""Whose an expression of identities can be: judged as patterns are, by all that it may begin or end with.

* it is a URI's with its host, and the owner where everybody can have an account; an address's with its domain; or
  nobody's
* it is of one kind: no text of another kind that reads like it is meant
* an expression of issuers means a few issuers, each of which could be named
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from verifier.core.regexps.automaton import Automaton, automaton, backwards
from verifier.core.regexps.syntax import parse
from verifier.core.signers.identities import IdentityKind, kind_of, require_pinned

_MOST_WAYS: Final = 64
"""Beginnings, ends or whole identities that are looked at one by one: whoever means more means anybody."""
_LONGEST_WAY: Final = 512


def require_pinned_expression(text: str) -> str:
    """The expression; raises `ValueError` where it is not taken, could be anybody's, or of several kinds."""
    patterns_of(text)
    return text


def kind_meant(text: str) -> IdentityKind | None:
    """The kind of identities that the expression means."""
    return kind_of(patterns_of(text)[0])


def identity_matches(text: str, identity: str) -> bool:
    """Whether the expression means this identity: plain, of its kind, and no other path than it reads like."""
    if not (identity.isascii() and identity.isprintable()) or kind_of(identity) != kind_meant(text):
        return False
    path = identity.partition("://")[2].split("/")
    return not {".", ".."}.intersection(path) and automaton(text).matches(identity)


def open_ended(text: str) -> bool:
    """Whether what it means may end in anything, as in another branch."""
    return _walked(backwards(text), bool) is None


def issuers_meant(text: str) -> tuple[str, ...]:
    """The issuers that the expression means; raises `ValueError` where they are more than a few."""
    found = _walked(automaton(text), lambda _: False)
    if found is None:
        raise ValueError(
            f"must mean a few issuers, as in ^https://(token\\.actions\\.githubusercontent\\.com|gitlab\\.com)$, "
            f"not {text!r}: whoever runs an issuer that it means can sign as anybody"
        )
    return tuple(sorted(each for each, _ in found))


def remarks(text: str) -> Iterator[str]:
    """What is to be said of how it is read."""
    read = parse(text)
    if not read.anchored:
        yield (
            f"{text!r} is matched against the whole, as ^({text.removeprefix('^').removesuffix('$')})$ would be, where "
            "cosign looks for it anywhere: write ^ and $, and .* where anything may stand"
        )
    if read.dots:
        yield f"a bare dot in a host of {text!r} is read as a dot, where cosign takes any character: write \\."


@lru_cache(maxsize=64)
def patterns_of(text: str) -> tuple[str, ...]:
    """Globs that together mean all that the expression does, each pinned and all of one kind."""
    found = _whole(text) or _beginnings(text) or _ends(text)
    if not found:
        raise ValueError(
            "must begin with a host, and the owner where everybody can have an account, as in "
            "^https://github\\.com/acme/.*$, or end in a domain, as in ^[^@]+@example\\.com$, "
            f"not {text!r}: it could be anybody's"
        )
    for each in found:
        require_pinned(each)
    if len(set(map(kind_of, found))) > 1:
        raise ValueError(f"must be of one kind, URIs or addresses, not of several: {text!r}; name a signer for each")
    return found


def _whole(text: str) -> tuple[str, ...]:
    """Every identity that it means, where those are few."""
    found = _walked(automaton(text), lambda _: False)
    return () if found is None else tuple(sorted(each for each, _ in found))


def _beginnings(text: str) -> tuple[str, ...]:
    """What URIs it means begin with, as far as it takes to say whose they are."""
    found = _walked(automaton(text), lambda begun: begun.count("/") > 2 and _is_pinned(f"{begun}*"))
    return () if found is None else tuple(sorted(each if ended else f"{each}*" for each, ended in found))


def _ends(text: str) -> tuple[str, ...]:
    """What addresses it means end in, as far as it takes to say whose they are."""
    found = _walked(backwards(text), lambda end: "@" in end or "!" in end)
    return () if found is None else tuple(sorted(each[::-1] if ended else f"*{each[::-1]}" for each, ended in found))


def _is_pinned(pattern: str) -> bool:
    try:
        require_pinned(pattern)
    except ValueError:
        return False
    return True


def _walked(machine: Automaton, enough: Callable[[str], bool]) -> set[tuple[str, bool]] | None:
    """What texts begin with, each as far as is `enough`, or whole (True); None where those are too many."""
    found: set[tuple[str, bool]] = set()
    front: list[tuple[str, int | None]] = [("", None)]
    while front:
        text, state = front.pop()
        if enough(text):
            found.add((machine.continued(text, state), False))
        else:
            if machine.accepts(state):
                found.add((text, True))
            front.extend((text + each, next_state) for each, next_state in machine.onward(state).items())
        if len(front) + len(found) > _MOST_WAYS or len(text) > _LONGEST_WAY:
            return None
    return found
