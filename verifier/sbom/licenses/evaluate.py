"""What becomes of one licence expression under the rules.

* AND: all parts must be allowed. OR: one choice must be. A licence with an exception is one licence, the pair
* what is denied is denied; with a list of what is allowed, everything else is too, and an unknown licence is unknown
* a pair whose licence is denied is denied as well, unless the pair itself is on a list
* `X+` is X or a later one: allowed where X is, denied where X is; so is `X-or-later`, of `X-only`
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from verifier.formats.spdx_license import And, Expression, Or, Symbol, With
from verifier.sbom.licenses.rules import LicenseList, LicenseRules, matched_entry


class Standing(IntEnum):
    """How a licence stands; the larger, the worse."""

    ALLOWED = 0
    UNKNOWN = 1
    DENIED = 2


class Judged(NamedTuple):
    """How an expression stands, and which part of it decides."""

    standing: Standing
    part: str


def evaluate(tree: Expression, rules: LicenseRules, used: set[str]) -> Judged:
    """How `tree` stands; `used` gains the entries of the lists that it matched."""
    if entry := matched_entry(tree, rules.deny):
        used.add(entry)
        return Judged(Standing.DENIED, str(tree))
    if rules.allow and (entry := matched_entry(tree, rules.allow)):
        used.add(entry)
        return Judged(Standing.ALLOWED, str(tree))
    match tree:
        case And(parts):
            return max((evaluate(part, rules, used) for part in parts), key=_standing)
        case Or(alternatives):
            return min((evaluate(part, rules, used) for part in alternatives), key=_standing)
        case With(license=license_, exception=exception):
            return _pair(license_, exception, rules, used)
        case Symbol():
            return _single(tree, rules, used)


def _standing(judged: Judged) -> Standing:
    return judged.standing


def _pair(license_: Symbol, exception: Symbol, rules: LicenseRules, used: set[str]) -> Judged:
    text = str(With(license_, exception))
    if _listed(license_, rules.deny, used):
        return Judged(Standing.DENIED, text)
    return Judged(_otherwise(rules, known=not {"unknown"} & {license_.kind, exception.kind}), text)


def _single(symbol: Symbol, rules: LicenseRules, used: set[str]) -> Judged:
    if _listed(symbol, rules.deny, used):
        return Judged(Standing.DENIED, symbol.key)
    if rules.allow and _listed(symbol, rules.allow, used):
        return Judged(Standing.ALLOWED, symbol.key)
    return Judged(_otherwise(rules, known=symbol.kind != "unknown"), symbol.key)


def _otherwise(rules: LicenseRules, *, known: bool) -> Standing:
    """What is on no list."""
    if not known:
        return Standing.UNKNOWN
    return Standing.DENIED if rules.allow else Standing.ALLOWED


def _first_of(key: str) -> str:
    """The licence whose later versions may be chosen too, "" where there is no such choice."""
    if key.endswith("-or-later"):
        return f"{key.removesuffix('-or-later')}-only"
    return key[:-1] if key.endswith("+") else ""


def _listed(symbol: Symbol, listed: LicenseList, used: set[str]) -> bool:
    """Whether a licence is listed, as it is or as the first of those that may be chosen."""
    entry = matched_entry(symbol, listed)
    if not entry and (first := _first_of(symbol.key)):
        entry = matched_entry(Symbol(first, symbol.kind), listed)
    if entry:
        used.add(entry)
    return bool(entry)
