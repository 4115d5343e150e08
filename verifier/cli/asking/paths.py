"""Paths of a plain line as `pathlib` and `cli.inputs` have them; a test holds them to the same.

Nothing here imports what Python has not loaded already.
"""

_SUFFIXES = (".tar.gz", ".tgz")


def as_path(text: str) -> str:
    """A path as `pathlib` writes it; "" for one that is not spelled out."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or text.endswith("/"):
        return ""
    return ("/" if text.startswith("/") else "") + "/".join(parts)


def name_of(path: str) -> str:
    """The name that an artifact has when nobody gives it one, as `cli.inputs.name_of` has it."""
    name = path.rpartition("/")[2]
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name
