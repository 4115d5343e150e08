"""What a module calls, by its text: the builtins as OPA resolves names, and the places of every other function.

* what OPA takes for a builtin is found, whatever the compiler at hand makes of its name: a call, or what stands in for
  a mocked function (`with f as http.send`)
* a name that an import gives to something else is none; a rule of the module's own that is called like a builtin counts
  as the builtin, which is too strict and rare
* every other call has a place below `data`, for whoever knows all modules to look for it, or is unknown
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verifier.core.value import Value
from verifier.formats.opa.builtin_names import BUILTIN_NAMES
from verifier.rego.text.scan import Path, Token, paths_of

_NOT_CALLED: Final = frozenset(
    "package import as default else not some with null true false in every if contains and or set".split()  # noqa: SIM905 - words
)
"""What may stand before a parenthesis without calling anything; the builtins among them are looked for first."""
_WHOLE_BEHIND: Final = frozenset({"[", "."})


class Calls(Value):
    """`builtins` by their names, `functions` by their places below `data`, `unknown` names that are neither.

    `heads` are the places of the rules that are written out to their end.
    """

    builtins: frozenset[str]
    functions: frozenset[tuple[str, ...]]
    unknown: tuple[str, ...]
    heads: frozenset[tuple[str, ...]]


def calls_of(tokens: list[Token], package: tuple[str, ...]) -> Calls:
    """Everything that the module calls, and what it defines in so many words."""
    paths = list(paths_of(tokens))
    imports = imports_of(tokens, paths)
    mocks = any(token.kind == "name" and token.text == "with" for token in tokens)
    builtins: set[str] = set()
    functions: set[tuple[str, ...]] = set()
    unknown: set[str] = set()
    for path in paths:
        dotted = ".".join(path.names)
        if (
            path.names[0] not in imports
            and dotted in BUILTIN_NAMES
            and (path.called or (mocks and _mocks(tokens, path)))
        ):
            builtins.add(dotted)
        elif path.at_once and dotted not in _NOT_CALLED:
            place = _place(path.names, imports, package)
            if place is None:
                unknown.add(dotted)
            else:
                functions.add(place)
    if _calls_what_is_computed(tokens, {path.stop for path in paths}):
        unknown.add("a function that is computed")
    heads = frozenset((*package, *path.names) for path in _heads(tokens, paths))
    return Calls(
        builtins=frozenset(builtins), functions=frozenset(functions), unknown=tuple(sorted(unknown)), heads=heads
    )


def imports_of(tokens: list[Token], paths: list[Path]) -> Mapping[str, tuple[str, ...]]:
    """What each name stands for that an import gives; none that stands alone somewhere, as a variable would."""
    found: dict[str, tuple[str, ...]] = {}
    within: set[int] = set()
    for path in paths:
        word = tokens[path.start - 1].text if path.start and tokens[path.start - 1].kind == "name" else ""
        if word == "package":
            within.add(path.start)
        if word == "import":
            behind = tokens[path.stop : path.stop + 2]
            renamed = len(behind) == 2 and behind[0].text == "as" and behind[1].kind == "name"
            name = behind[1].text if renamed else path.names[-1]
            within.update(range(path.start, path.stop + 2 * renamed))
            if path.names[0] in {"data", "input"}:
                found[name] = path.names
    return {name: place for name, place in found.items() if name not in _alone(tokens, paths, within)}


def _alone(tokens: list[Token], paths: list[Path], within: set[int]) -> set[str]:
    """Names that stand somewhere without anything behind them, as a variable would."""
    return {
        path.names[0]
        for path in paths
        if len(path.names) == 1
        and path.start not in within
        and not (path.stop < len(tokens) and tokens[path.stop].text in {"[", "(", "."})
    }


def _mocks(tokens: list[Token], path: Path) -> bool:
    """Whether a name that is not called may stand in for a function: not the mocked one; a word only behind `as`."""
    before = path.start - 1
    while before >= 0 and tokens[before].text == "(":
        before -= 1
    word = tokens[before].text if before >= 0 and tokens[before].kind == "name" else ""
    return word == "as" or (len(path.names) > 1 and word != "with")


def _place(
    names: tuple[str, ...], imports: Mapping[str, tuple[str, ...]], package: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Where below `data` a called function is, None for what is not there."""
    whole = (*imports[names[0]], *names[1:]) if names[0] in imports else names
    if whole[0] == "data":
        return whole[1:]
    return None if whole[0] == "input" else (*package, *whole)


def _calls_what_is_computed(tokens: list[Token], ends: set[int]) -> bool:
    return any(
        token.text == "(" and token.kind == "mark" and token.close and tokens[index - 1].text in {"]", "}", ")"}
        for index, token in enumerate(tokens)
        if index and index not in ends
    )


def _heads(tokens: list[Token], paths: list[Path]) -> Iterator[Path]:
    """The names at the beginnings of lines outside of every bracket that nothing but a body or a value follows."""
    for path in paths:
        token = tokens[path.start]
        default = path.start > 0 and tokens[path.start - 1].text == "default"
        behind = tokens[path.stop].text if path.stop < len(tokens) else ""
        if (
            token.depth == 0
            and (token.first or default)
            and token.text not in _NOT_CALLED
            and behind not in _WHOLE_BEHIND
        ):
            yield path
