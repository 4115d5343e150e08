"""`capabilities`: what the Rego of a bundle may not call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

_BUILTIN = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\.\*)?\Z"


class CapabilityRule(RuleSection):
    """Builtin functions that a bundle may not call: exact names, or a prefix with a trailing `*` ("net.*")."""

    name: ClassVar[str] = "capabilities"
    keys: ClassVar[tuple[str, ...]] = ("capabilities.deny",)
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("deny",)

    deny: tuple[str, ...]

    @classmethod
    def parse(cls, rule: Table, names: Names) -> CapabilityRule:
        table = cls.table_in(rule, "capabilities")
        return cls(deny=table.checked_texts("deny", _check_builtin, may_be_empty=True))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.deny:
            yield f"{rule.pattern}: it must not call {', '.join(self.deny)}."
        else:
            yield f"{rule.pattern}: it may call every builtin, but what no Rego engine can analyse is denied."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.given(rule)
        if given is None or not given.deny:
            yield "no builtin is denied: a bundle may call http.send"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'capabilities = { deny = ["http.send", "opa.runtime", "net.*"] }\n'


def _check_builtin(text: str) -> str:
    """A builtin's name, or a prefix of names with a trailing `.*`."""
    if not re.match(_BUILTIN, text, re.ASCII):
        raise ValueError(f'must name builtins as in "http.send" or "net.*", not {text!r}')
    return text
