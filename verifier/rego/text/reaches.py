"""Which places below `data` a module names: in so many words, or by the name that an import gives.

* what is computed (`data[x]`) is not seen: these are the edges that a reader of the text would draw
* an import counts, used or not

What a module calls is another matter (`rego.text.calls`).
"""

from __future__ import annotations

from verifier.rego.text.calls import imports_of
from verifier.rego.text.scan import UnreadableError, paths_of, tokens_of


def reached_places(source: str) -> frozenset[tuple[str, ...]]:
    """The places, without `data`; none where the text is not Rego."""
    try:
        tokens = tokens_of(source)
        paths = list(paths_of(tokens))
    except UnreadableError:
        return frozenset()
    imports = imports_of(tokens, paths)
    whole = ((*imports.get(path.names[0], path.names[:1]), *path.names[1:]) for path in paths)
    return frozenset(place[1:] for place in whole if place[0] == "data" and len(place) > 1)
