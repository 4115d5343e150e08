"""`env:NAME` in the place of a file: a key, a passphrase or a token in a variable of the environment.

* what is not set, and what is empty, is named and refused: an empty secret is nobody's
* neither a message nor an error repeats what a variable holds
* a file of such a name is given by its whole path, as in /home/me/env:NAME
"""

from __future__ import annotations

import os
import re
from typing import Final

from verifier.core.errors import ConfigurationError

_SAID: Final = r"(?s)env:/{0,2}(.*)"
"""cosign writes env://NAME, of which a path keeps one slash."""
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]{0,127}"


def is_variable(text: str) -> bool:
    """Whether a variable is named in the place of a file."""
    return text.startswith("env:")


def from_variable(text: str, *, where: str, limit: int) -> bytes:
    """What the variable holds that `text` names, as env:NAME; raises `ConfigurationError`."""
    said = re.fullmatch(_SAID, text)
    name = said[1] if said else ""
    if not re.fullmatch(_NAME, name):  # it is not repeated: it may be the secret itself
        hint = "Name the variable, without $, as in env:SIGNING_KEY."
        raise ConfigurationError("env: is followed by no name of a variable", where=where, hint=hint)
    content = os.environb.get(name.encode())
    if content is None:
        hint = "Export it for this command, or name a file."
        raise ConfigurationError(f"the variable {name} is not set", where=where, hint=hint)
    if not content.strip():
        raise ConfigurationError(f"the variable {name} is empty", where=where, hint="Put the secret in it.")
    if len(content) > limit:
        raise ConfigurationError(f"the variable {name} holds more than {limit} bytes", where=where)
    return content
