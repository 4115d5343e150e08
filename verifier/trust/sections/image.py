"""`image`: what an image may run as and hold, and what it is built on.

* each key asks for one thing; what is not asked for is not looked at, and is not said to be right
* an `image` that asks for nothing is an error, and so is a base that is no image
* what has to be read to answer is known from the rule alone: nothing, the config, or every layer
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from verifier.trust import vocabulary
from verifier.trust.kinds import kind_in
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

Depth = Literal["manifest", "config", "inspect"]
"""How much of an image is read: the manifest alone, its config too, or every layer to its end as well."""

USERS: Final = ("any", "non-root")
ALLOWED: Final = ("allow", "deny")
ANY_VALUE: Final = "*"
"""A label's glob: it has to be there, whatever it says."""
MAX_LABELS: Final = 64
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "shells": "it must have no shell",
        "package_managers": "it must have no package manager",
        "setuid": "none of its files may give others' rights (setuid, setgid, capabilities), "
        "and no folder may be everybody's without the sticky bit",
        "devices": "it must have no device files",
        "secrets": "no layer, also none that a later one deletes from, and nothing in its config may hold a secret",
    }
)


class ImageRule(RuleSection):
    """What is asked of each platform of an image. `labels` are pairs of a name and a glob for its value; `base` are
    patterns of rules, under one of which what it is built on was accepted."""

    name: ClassVar[str] = "image"
    keys: ClassVar[tuple[str, ...]] = (
        *("image.user", "image.shells", "image.package_managers", "image.setuid", "image.devices", "image.secrets"),
        *("image.labels", "image.base"),
    )
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("labels", "base")

    user: str = "any"
    shells: str = "allow"
    package_managers: str = "allow"
    setuid: str = "allow"
    devices: str = "allow"
    secrets: str = "allow"
    labels: tuple[tuple[str, str], ...] = ()
    base: tuple[str, ...] = ()

    @classmethod
    def parse(cls, rule: Table, names: Names) -> ImageRule:
        table = cls.table_in(rule, "image")
        if not table.values:
            raise rule.error("image", "asks for nothing", f"known: {', '.join(each[6:] for each in cls.keys)}")
        return cls(
            user=table.choice("user", USERS),
            shells=table.choice("shells", ALLOWED),
            package_managers=table.choice("package_managers", ALLOWED),
            setuid=table.choice("setuid", ALLOWED),
            devices=table.choice("devices", ALLOWED),
            secrets=table.choice("secrets", ALLOWED),
            labels=_labels(table),
            base=table.checked_texts("base", _check_base) if "base" in table.values else (),
        )

    @property
    def denies_root(self) -> bool:
        """Whether it has to run as somebody else than root."""
        return self.user == "non-root"

    def denies(self, key: str) -> bool:
        """Whether `key` (`shells`, `secrets`, ...) is denied."""
        return bool(getattr(self, key) == "deny")

    @property
    def needs(self) -> Depth:
        """What has to be read before any of it can be answered; a user who is named needs the layers besides
        (`kinds.image.users`)."""
        if self.base or any(map(self.denies, _WORDS)):
            return "inspect"
        return "config" if self.denies_root or self.labels else "manifest"

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield from (f"{rule.pattern}: {clause}." for clause in self._clauses())

    def _clauses(self) -> Iterator[str]:
        if self.denies_root:
            yield "it must not run as root"
        yield from (said for key, said in _WORDS.items() if self.denies(key))
        for name, value in self.labels:
            yield f"it must have the label {name}" + (f" = {value}" if value != ANY_VALUE else "")
        if self.base:
            yield f"it must be built on {' or '.join(self.base)}, as a ledger accepted it or --base names it"

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.given(rule)
        if given is None:
            yield "nothing is asked of what is inside: the image may run as root, and hold secrets"
            return
        if not given.denies_root:
            yield "the image may run as root"
        if not given.denies("secrets"):
            yield "the image may hold secrets: nobody looks for any"
        for base in given.base:
            if not any(each.pattern == base for each in policy.artifacts):
                yield f"image.base names {base}, for which there is no rule: no base is ever accepted under it"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'image = { user = "non-root", devices = "deny" }              # then secrets, shells, setuid = "deny"\n'


def _check_base(text: str) -> str:
    """A pattern of images."""
    vocabulary.check_pattern(text)
    if kind_in(text) != "image":
        raise ValueError(f'must name images, as in "image:base", not {text!r}')
    return text


def _check_label(text: str) -> str:
    return text if text == ANY_VALUE else vocabulary.check_glob(text)


def _labels(table: Table) -> tuple[tuple[str, str], ...]:
    """The labels that it must have, whose names are the author's own."""
    values = table.values.get("labels")
    if values is None:
        return ()
    expected = table.required_table("labels", frozenset(values if isinstance(values, dict) else ()))
    if not 0 < len(expected.values) <= MAX_LABELS:
        raise table.error("labels", f"must name from 1 to {MAX_LABELS} labels, not {len(expected.values)}")
    return tuple((name, expected.required_text(name, _check_label)) for name in expected.values)
