"""A plain line of a command that asks an agent, read before anything else is loaded.

* what is read here is read as `cli.typed.plain` and typer read it; whatever is not plain is left to them: help,
  mistakes, options that an agent has no use for, variables of the environment but those that name it
* nothing here imports what Python has not loaded already
"""

from verifier.cli.asking.paths import as_path, name_of
from verifier.cli.asking.said import Words, add_variables, is_plain, is_shown_whole

_VALUES = {
    "--policy": "policy",
    "--name": "name",
    "--resource-uri": "resource_uri",
    "--ledger": "ledger",
    "--correlation-id": "correlation_id",
    "--format": "style",
    "--agent": "agent",
    "--agent-user": "users",
}
_IN_FULL = {**_VALUES, "--attestation": "documents", "--signature": "documents", "--bundle": "documents"}
VALUES = {
    "artifact": _IN_FULL,
    "bundle": _IN_FULL,
    "preload": {**_VALUES, "--verdict": "verdict", "--level": "levels", "--out": "out", "--exec": "program"},
}
"""The commands that ask an agent, with their options that have a value, by what they are called here."""
SWITCHES = {
    "--record": ("record", True),
    "--no-record": ("record", False),
    "--agent-required": ("required", True),
    "-q": ("quiet", True),
    "--quiet": ("quiet", True),
    "-v": ("verbose", True),
    "--verbose": ("verbose", True),
}
_REPEATED = ("levels", "users", "documents")
_NEEDED = ("artifact", "policy", "agent")
_PATHS = ("verdict", "policy", "out")
_DETAILS = ("quiet", "verbose")
_OF_THE_SCREEN = ("COLUMNS", "FORCE_COLOR")
"""Variables that a report looks otherwise by."""
FORMATS = ("text", "json")


def plain(command: str, arguments: list[str], variables: dict[str, str]) -> Words | None:
    """What a plain line says, None where somebody else has to look at it."""
    said = Words()
    if not _read(command, arguments, said) or not add_variables(variables, said):
        return None
    if any(variables.get(name) for name in _OF_THE_SCREEN) or not _go_together(said):
        return None
    return said if _is_whole(command, said) and _spell_out(command, said) else None


def _go_together(said: Words) -> bool:
    """Whether nothing that is said would be ignored, or refused."""
    style, details = said.text("style"), [each for each in _DETAILS if each in said]
    if style not in ("", *FORMATS) or len(details) > 1 or (details and style == "json"):
        return False
    return bool(said.text("program")) or "words" not in said


def _is_whole(command: str, said: Words) -> bool:
    """Whether it says all that has to be said, and of nothing that is elsewhere, or that a report would not repeat."""
    if any(":/" in each for each in said.texts("documents")):
        return False
    if command == "preload":
        return all(said.text(name) for name in (*_NEEDED, "verdict"))
    return all(said.text(name) for name in _NEEDED) and is_shown_whole(said.text("artifact"))


def _spell_out(command: str, said: Words) -> bool:
    """Put paths as the usual way has them, and the name that nobody says; whether all of them are plain."""
    artifact = as_path(said.text("artifact"))
    if command == "preload":
        said["artifact"], said["documents"] = artifact, (said.text("verdict"),)
    for name in _PATHS:
        if name in said:
            said[name] = as_path(said.text(name))
    said["documents"] = tuple(map(as_path, said.texts("documents")))
    said.setdefault("name", name_of(artifact))
    return (
        bool(artifact)
        and all(said.texts("documents"))
        and all(said.text(each) for each in (*_PATHS, "name") if each in said)
    )


def _read(command: str, arguments: list[str], said: Words) -> bool:
    remaining = iter(arguments)
    for word in remaining:
        if word == "--":
            said["words"] = tuple(remaining)
            return True
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            if "artifact" in said or not is_plain(word) or ":/" in word:
                return False
            said["artifact"] = word
        elif option in SWITCHES and not equals:
            name, on = SWITCHES[option]
            if name in said:
                return False
            said[name] = on
        elif not _take(said, VALUES[command].get(option, ""), value if equals else next(remaining, "-")):
            return False
    return True


def _take(said: Words, name: str, value: str) -> bool:
    if not name or not is_plain(value):
        return False
    if name in _REPEATED:
        said[name] = (*said.texts(name), value)
        return True
    if name in said:
        return False
    said[name] = value
    return True
