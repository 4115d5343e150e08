"""Where an agent has no answer, or nothing can be done with it: what is said, and the line of the usual way.

Nothing here imports what Python has not loaded already.
"""

import sys

from verifier.agent import wire
from verifier.agent.client import Unanswered
from verifier.cli.asking.said import Words

_USAGE = 2
_AGENT = ("--agent", "--agent-user")


def without_agent(arguments: list[str]) -> list[str]:
    """The same line, without who was to be asked."""
    left: list[str] = []
    remaining = iter(arguments)
    for word in remaining:
        if word == "--":
            return [*left, word, *remaining]
        if word in _AGENT:
            next(remaining, "")
        elif not word.startswith(tuple(f"{each}=" for each in _AGENT)):
            left.append(word)
    return left


def on_a_line(text: str) -> str:
    """A text, which may be another's, as one line that no terminal acts on."""
    return "".join(each if each.isprintable() else "?" for each in text)


def unanswered(why: Unanswered, said: Words, arguments: list[str], variables: dict[str, str]) -> int | list[str]:
    """The denial of whoever requires an agent; or the line to go on with."""
    told = f"verify: {why.told(said.text('agent'))}"
    if not said.get("required"):
        sys.stderr.write(f"{on_a_line(told)}; decided without it\n")
        variables.pop("VERIFY_AGENT", None)
        return without_agent(arguments)
    from verifier.core.reasons.words import describe  # noqa: PLC0415 - it loads more than all of this

    sys.stderr.write(f"{on_a_line(told)}\n  {describe(why.code).remedy}\n")
    return wire.UNDECIDED


def failed(what: str, error: OSError, status: int = _USAGE) -> int:
    """Say what cannot be done; the exit status."""
    told = f"verify: error: {what}: {error.strerror or error}"
    sys.stderr.write(f"{on_a_line(told)}\n")
    return status
