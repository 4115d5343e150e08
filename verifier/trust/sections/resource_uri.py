"""`resource_uri`: where consumers fetch the artifact, for verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names


class ResourceRule(RuleSection):
    """The URI, if the rule names one."""

    name: ClassVar[str] = "resource_uri"
    keys: ClassVar[tuple[str, ...]] = ("resource_uri",)
    judged: ClassVar[bool] = True

    uri: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> ResourceRule:
        return cls(uri=rule.checked_text("resource_uri", _checked))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.uri is not None:
            yield f"{rule.pattern}: it is fetched from {self.uri}."


def _checked(text: str) -> str:
    return vocabulary.check_uri(vocabulary.check_resource(text))
