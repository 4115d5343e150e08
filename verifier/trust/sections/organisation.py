"""`organisation`: Rego rules of one's own over the evidence; they can only deny.

* the files are read with the policy: what a rule says now is what it said when the policy was read
* the policy says who judges by them: OPA of a series, or the embedded engine, on the subset that it answers for
* rules that lie outside the policy's directory may change without it, and that is called weak
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.rego import RegoModule
from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import NamedFiles, Names

ENGINES = ("opa", "embedded")
DEFAULT_SERIES = "1"
_SERIES = re.compile(r"1(?:\.(?:0|[1-9][0-9]{0,3})){0,2}\Z", re.ASCII)


class OrganisationRule(RuleSection):
    """Paths of Rego files, as in the policy; their modules are in `TrustPolicy.organisation`.

    `engine` is one of `ENGINES`; `opa_version` the series of OPA that may judge: "1", "1.22", "1.22.0".
    """

    name: ClassVar[str] = "organisation"
    keys: ClassVar[tuple[str, ...]] = ("organisation.rules", "organisation.engine", "organisation.opa_version")
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("paths",)

    paths: tuple[str, ...] = ()
    engine: str = ENGINES[0]
    opa_version: str = DEFAULT_SERIES

    @classmethod
    def parse(cls, rule: Table, names: Names) -> OrganisationRule:
        if isinstance(rule.values["organisation"], list):  # the paths alone
            return cls(paths=rule.checked_texts("organisation", _check_rego_path))
        table = cls.table_in(rule, "organisation")
        engine = table.choice("engine", ENGINES)
        series = table.checked_text("opa_version", _check_series)
        if series is not None and engine != "opa":
            raise table.error("opa_version", f"has no effect where the engine is {engine!r}")
        paths = table.checked_texts("rules", _check_rego_path)
        return cls(paths=paths, engine=engine, opa_version=series or DEFAULT_SERIES)

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.paths:
            yield f"{rule.pattern}: no rule in {', '.join(self.paths)} may deny it, as {self.judge} judges by them."

    @property
    def judge(self) -> str:
        """Who judges, in words."""
        return f"OPA {self.opa_version}" if self.engine == "opa" else "the embedded engine"

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        for path in cls.of(rule).paths:
            if path.startswith("/") or ".." in path.split("/"):
                yield f"the rules in {path!r} lie outside the policy's directory and may change without it"

    @classmethod
    def starter(cls, kind: str) -> str:
        return '# organisation = { rules = ["release.rego"] }               # your own Rego rules; they can only deny\n'

    def modules(self, rule: Table, files: NamedFiles) -> Iterator[RegoModule]:
        """The modules of the files that `rule` names; raises `ConfigurationError`."""
        plain = isinstance(rule.values["organisation"], list)
        table, key = (rule, "organisation") if plain else (self.table_in(rule, "organisation"), "rules")
        for index, path in enumerate(self.paths):
            content = files.read(table, key, path, index=index)
            try:
                yield RegoModule(path=path, source=content.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise table.error(key, f"names {path!r}, which is not UTF-8", index=index) from error


def _check_rego_path(text: str) -> str:
    if not text.endswith(".rego"):
        raise ValueError(f"must name a .rego file, not {text!r}")
    return vocabulary.check_path(text)


def _check_series(text: str) -> str:
    if not _SERIES.match(text):
        raise ValueError(f'must be a series of OPA, as in "1", "1.22" or "1.22.0", not {text!r}')
    return text
