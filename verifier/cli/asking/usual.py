"""Where an agent has no answer: the line of the usual way, and what is said about it.

Nothing here imports what Python has not loaded already.
"""

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
