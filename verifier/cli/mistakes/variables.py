"""What is said of a variable that looks like an option's and is none of the command's; read after a mistake only."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from verifier.cli.help.catalogue import catalogue
from verifier.cli.typed.environment import OWN
from verifier.core.text.shown import shown

_MOST = 8


def told(names: tuple[str, ...]) -> Iterator[str]:
    """A line for each variable that no option of any command has."""
    known = {name for command in catalogue().values() for taken in command.taken for name in taken.variables}
    none = [name for name in names if name not in known]
    for name in none[:_MOST]:
        close = get_close_matches(name[:64], known | OWN, n=1)
        meant = f"did you mean {close[0]}?" if close else "options by environment are VERIFY_ and their name"
        yield f"verify: warning: {shown(name[:64])} is set, and no option has it: {meant}"
    if len(none) > _MOST:
        yield f"verify: warning: and {len(none) - _MOST} more variables that no option has"
