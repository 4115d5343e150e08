"""`tags`: whether a tag of a repository may come to stand for another image than the one that was accepted under it.

* only images have tags; what was named by its digest has none
* without the section a tag may move, and the report says that it did
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, cast

from verifier.trust.model import ArtifactRule, RuleSection

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

Moving = Literal["mutable", "immutable"]
TAGS: tuple[Moving, ...] = ("mutable", "immutable")


class TagsRule(RuleSection):
    """What a tag may do, by what the rule's scope of the ledger knows of it."""

    name: ClassVar[str] = "tags"
    keys: ClassVar[tuple[str, ...]] = ("tags",)
    judged: ClassVar[bool] = True

    moving: Moving = "mutable"

    @classmethod
    def parse(cls, rule: Table, names: Names) -> TagsRule:
        return cls(moving=cast("Moving", rule.choice("tags", TAGS)))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.moving == "immutable":
            yield f"{rule.pattern}: a tag under which one was accepted stands for that image for ever."
        else:
            yield f"{rule.pattern}: a tag may come to stand for another image, which is warned of."
