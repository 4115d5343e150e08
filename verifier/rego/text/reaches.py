"""Which places below `data` a module names: by an import, or in so many words.

* what is computed (`data[x]`) is not seen: these are the edges that a reader of the text would draw
* a name that an import gives counts by its import, used or not

What a module calls is another matter (`rego.text.calls`).
"""

from __future__ import annotations

from verifier.rego.text.scan import UnreadableError, paths_of, tokens_of


def reached_places(source: str) -> frozenset[tuple[str, ...]]:
    """The places, without `data`; none where the text is not Rego."""
    try:
        return frozenset(path.names[1:] for path in paths_of(tokens_of(source)) if path.names[0] == "data")
    except UnreadableError:
        return frozenset()
