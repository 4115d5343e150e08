"""Names in a policy that people may take for others: said by `verify trust check`, never decided upon.

* a name with letters beyond ASCII may look like another one; two names that fold alike do
* a host that folds like a well-known one and is none is not what it looks like
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

_ALIKE: Final = {
    **dict(zip("аеорсухіјѕԁɡһʏ", "aeopcyxijsdghy", strict=True)),
    **dict(zip("αοριτυνκ", "aopituvk", strict=True)),
    **dict(zip("0135i|!", "oles1ll", strict=True)),
    "l": "1",
}
_WELL_KNOWN: Final = ("github.com", "gitlab.com", "bitbucket.org", "token.actions.githubusercontent.com", "google.com")


def lookalikes(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of `names` that may be taken for another, with why."""
    seen: dict[str, str] = {}
    for name in names:
        odd = next((each for each in name if not each.isascii()), None)
        if odd is not None:
            shown = unicodedata.name(odd, f"U+{ord(odd):04X}")
            yield name, f"has {shown}, and may look like another name"
        other = seen.setdefault(folded(name), name)
        if other != name:
            yield name, f"looks like {other!r}"


def disguised(host: str) -> str | None:
    """The well-known host that `host` looks like and is not, None where it looks like none."""
    if host.lower().startswith("xn--") or ".xn--" in host.lower():
        return "a name in another script (xn--)"
    return next((each for each in _WELL_KNOWN if host.lower() != each and folded(host) == folded(each)), None)


def folded(name: str) -> str:
    """What a name looks like at a glance."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = (_ALIKE.get(each, each) for each in plain if not unicodedata.combining(each))
    text = "".join("1" if each == "l" else each for each in letters)
    return text.replace("rn", "m").replace("vv", "w")
