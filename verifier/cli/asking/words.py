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
VALUES = {
    "bundle": {**_VALUES, **dict.fromkeys(("--attestation", "--signature", "--bundle"), "documents")},
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
_NEEDED = {"bundle": ("artifact", "policy", "agent"), "preload": ("artifact", "verdict", "policy", "agent")}
_PATHS = ("verdict", "policy", "out")
_DETAILS = ("quiet", "verbose")
FORMATS = ("text", "json")


def plain(command: str, arguments: list[str], variables: dict[str, str]) -> Words | None:
    """What a plain line says, None where somebody else has to look at it."""
    said = Words()
    if not _read(command, arguments, said) or not add_variables(variables, said):
        return None
    if not all(said.text(name) for name in _NEEDED[command]) or not _go_together(said):
        return None
    if command == "preload":
        said["artifact"] = as_path(said.text("artifact"))
        said["documents"] = (said.text("verdict"),)
    elif not is_shown_whole(said.text("artifact")):
        return None
    for name in _PATHS:
        if name in said:
            said[name] = as_path(said.text(name))
    if any(":/" in each for each in said.texts("documents")):
        return None
    said["documents"] = tuple(map(as_path, said.texts("documents")))
    if "name" not in said:
        said["name"] = name_of(as_path(said.text("artifact")))
    spelt_out = (*said.texts("documents"), *(said.text(name) for name in (*_PATHS, "artifact", "name") if name in said))
    return said if all(spelt_out) and as_path(said.text("artifact")) else None


def _go_together(said: Words) -> bool:
    """Whether nothing that is said would be ignored, or refused."""
    style, details = said.text("style"), [each for each in _DETAILS if each in said]
    if style not in ("", *FORMATS) or len(details) > 1 or (details and style == "json"):
        return False
    return bool(said.text("program")) or "words" not in said


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
