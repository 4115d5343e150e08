"""`organisation`: Rego rules of one's own over the evidence; they can only deny.

* the files are read with the policy: what a rule says now is what it said when the policy was read
* rules that lie outside the policy's directory may change without it, and that is called weak
"""

from __future__ import annotations

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


class OrganisationRule(RuleSection):
    """Paths of Rego files, as in the policy; their modules are in `TrustPolicy.organisation`."""

    name: ClassVar[str] = "organisation"
    keys: ClassVar[tuple[str, ...]] = ("organisation",)
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("paths",)

    paths: tuple[str, ...] = ()

    @classmethod
    def parse(cls, rule: Table, names: Names) -> OrganisationRule:
        return cls(paths=rule.checked_texts("organisation", _check_rego_path))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.paths:
            yield f"{rule.pattern}: no rule in {', '.join(self.paths)} may deny it."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        for path in cls.of(rule).paths:
            if path.startswith("/") or ".." in path.split("/"):
                yield f"the rules in {path!r} lie outside the policy's directory and may change without it"

    @classmethod
    def starter(cls, kind: str) -> str:
        return '# organisation = ["release.rego"]                           # your own Rego rules; they can only deny\n'

    def modules(self, rule: Table, files: NamedFiles) -> Iterator[RegoModule]:
        """The modules of the files that `rule` names; raises `ConfigurationError`."""
        for index, path in enumerate(self.paths):
            content = files.read(rule, "organisation", path, index=index)
            try:
                yield RegoModule(path=path, source=content.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise rule.error("organisation", f"names {path!r}, which is not UTF-8", index=index) from error


def _check_rego_path(text: str) -> str:
    if not text.endswith(".rego"):
        raise ValueError(f"must name a .rego file, not {text!r}")
    return vocabulary.check_path(text)
