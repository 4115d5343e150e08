"""`capabilities`: what the Rego of a bundle may not call.

* a name that no release of OPA knows denies nothing, and is an error with the name that was meant
* a function that an OPA of one's own has, or that a later release brings, is named aloud, in `deny_custom`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.formats.json.write import compact
from verifier.formats.opa.builtin_names import BUILTIN_NAMES, NEWEST
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

_BUILTIN = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\.\*)?\Z"


class CapabilityRule(RuleSection):
    """Builtin functions that a bundle may not call: exact names, or a prefix with a trailing `*` ("net.*").

    `deny_custom` are names that no release of OPA is asked about; None where there are none.
    """

    name: ClassVar[str] = "capabilities"
    keys: ClassVar[tuple[str, ...]] = ("capabilities.deny", "capabilities.deny_custom")
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("deny",)

    deny: tuple[str, ...]
    deny_custom: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> CapabilityRule:
        table = cls.table_in(rule, "capabilities")
        deny = table.checked_texts("deny", _check_builtin, may_be_empty=True)
        for index, name in enumerate(deny):
            _require_known(table, name, index)
        return cls(deny=deny, deny_custom=tuple(sorted(table.optional_texts("deny_custom", _check_builtin))) or None)

    @property
    def denied(self) -> tuple[str, ...]:
        """All that may not be called."""
        return (*self.deny, *(self.deny_custom or ()))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.denied:
            yield f"{rule.pattern}: it must not call {', '.join(self.denied)}."
        else:
            yield f"{rule.pattern}: it may call every builtin, but what no Rego engine can analyse is denied."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.given(rule)
        if given is None or not given.denied:
            yield "no builtin is denied: a bundle may call http.send"
        for name in (given.deny_custom or ()) if given else ():
            if _names(name, BUILTIN_NAMES):
                yield f"capabilities.deny_custom names {name}, which OPA has: write it into deny, where it is checked"
            elif meant := _meant(name):
                yield f"capabilities.deny_custom names {name}, which no OPA up to {NEWEST} has: {meant.strip(' ;')}"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'capabilities = { deny = ["http.send", "opa.runtime", "net.*"] }\n'


def _check_builtin(text: str) -> str:
    """A builtin's name, or a prefix of names with a trailing `.*`."""
    if not re.match(_BUILTIN, text, re.ASCII):
        raise ValueError(f'must name builtins as in "http.send" or "net.*", not {text!r}')
    return text


def _require_known(table: Table, name: str, index: int) -> None:
    """An entry of `deny` is a builtin of some release of OPA, or the beginning of some."""
    if _names(name, BUILTIN_NAMES):
        return
    message = f"names {name!r}, which no OPA up to {NEWEST} has as a builtin: it denies nothing"
    aloud = f"a builtin of your own, or of a later OPA, is named aloud: deny_custom = [{compact(name)}] beside `deny`"
    raise table.error("deny", message, f"{_meant(name)}{aloud}", index=index)


def _meant(name: str) -> str:
    """Which builtin somebody meant who wrote `name`, or ""."""
    plain = name.lower().removesuffix(".*")
    if plain in BUILTIN_NAMES:
        return f"did you mean {plain!r}? "
    if _names(f"{plain}.*", BUILTIN_NAMES):
        return f"write {plain + '.*'!r} for all of them; "
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistakes

    known: Iterable[str] = BUILTIN_NAMES
    if name.endswith("*"):
        plain, known = f"{plain}.*", {f"{each.rpartition('.')[0]}.*" for each in BUILTIN_NAMES if "." in each}
    close = get_close_matches(plain[:64], sorted(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def _names(pattern: str, builtins: Iterable[str]) -> bool:
    """Whether a name, or a prefix with a trailing `.*`, names one of `builtins`."""
    if pattern.endswith("*"):
        return any(each.startswith(pattern[:-1]) for each in builtins)
    return pattern in builtins
