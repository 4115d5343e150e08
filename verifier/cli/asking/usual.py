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


def tell(text: str) -> None:
    """Say one line, which may hold another's words, as `cli.output.hint` does; where nobody listens, the status says
    it all the same."""
    from verifier.core.outcome import cleared  # noqa: PLC0415 - it loads more than an agent takes to answer
    from verifier.reports.escape import printable  # noqa: PLC0415 - as above

    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{printable(cleared(text))}\n")
        sys.stderr.flush()
    except OSError:  # a full disk, a pipe that nobody reads
        return


def unanswered(why: Unanswered, said: Words, arguments: list[str], variables: dict[str, str]) -> int | list[str]:
    """The denial of whoever requires an agent; or the line to go on with."""
    told = f"verify: {why.told(said.text('agent'))}"
    if not said.get("required"):
        tell(f"{told}; decided without it")
        variables.pop("VERIFY_AGENT", None)
        return without_agent(arguments)
    from verifier.core.reasons.words import describe  # noqa: PLC0415 - it loads more than all of this

    tell(told)
    tell(f"  {describe(why.code).remedy}")
    return wire.UNDECIDED


def failed(what: str, error: OSError) -> int:
    """Say what cannot be done; the exit status."""
    tell(f"verify: error: {what}: {error.strerror or error}")
    return _USAGE


def unwritten(error: OSError) -> int:
    """Say that the answer cannot be written, as the usual way does; the exit status."""
    from verifier.cli import defects  # noqa: PLC0415 - only where something is wrong

    try:
        return defects.unwritable(error)
    except OSError:  # nor can that be said
        return wire.UNDECIDED
