"""`version` and what stands beside it: `first_use`, `floor`, `max_jump`, `channel`.

* a rule without a version is an error: what is not ordered is never a default, and says so (`version = "none"`)
* a key that would have no effect (a floor without a version) is an error, not decoration
* a floor or step that its scheme cannot use is an error where the caller can tell
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, assert_never, cast

from verifier.core.value import Value
from verifier.trust.kinds import KINDS
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.vocabulary import METADATA

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names
    from verifier.versions.candidate import FirstUse

SCHEMES = ("semver", "integer", "rfc3339", "pep440", "calver")
FIRST_USES = ("allow", "require-floor", "deny")
SIGNED_TIME = "signed-time"
"""The version source that needs no scheme: moments order themselves."""
MAX_JUMP = 10**18
"""The largest step that `max_jump` may name as a number."""

_PLAIN_SOURCES = ("manifest.revision", "attestation.version", "tag", SIGNED_TIME)
_KEYED_SOURCES = ("label:", "annotation:")
_CHANNEL = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"
_PREFIX = r"[A-Za-z][A-Za-z0-9._/@+-]{0,62}(?<!\d)\Z"
_MAX_VERSION = 256
"""Characters of a version: what the ledger's schemes order."""
_ORDERED_ONLY = ("first_use", "floor", "max_jump")
_FIRST = {
    "allow": "the first one seen is accepted",
    "require-floor": "the first one seen needs a floor",
    "deny": "the first one seen is denied",
}


class VersionUnchecked(Value):
    """`version = "none"`: nothing is ordered, and every report says so (`version.unchecked`)."""


class VersionFrom(Value):
    """Where the version stands and how it is ordered.

    `source` is as in the policy ("manifest.revision", "label:org.example.version"), `scheme` the name of an order
    ("semver"); the source "signed-time" has the scheme "signed-time". `prefix` must stand before every version there
    ("v" of "v1.4.0"), and is no part of it.
    """

    source: str
    scheme: str
    prefix: str | None = None


VersionOrder = VersionUnchecked | VersionFrom


class VersionRule(RuleSection):
    """How versions are ordered. `floor` is a version of the scheme; `max_jump` is given to the ledger as it stands;
    `channel` is a part of the ledger's scope."""

    name: ClassVar[str] = "version"
    keys: ClassVar[tuple[str, ...]] = ("version.from", "version.scheme", "version.prefix", *_ORDERED_ONLY, "channel")
    judged: ClassVar[bool] = True

    order: VersionOrder
    first_use: FirstUse = "allow"
    floor: str | None = None
    max_jump: str | None = None
    channel: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> VersionRule:
        order = cls._order(rule)
        return cls(
            order=order,
            first_use=cast("FirstUse", rule.choice("first_use", FIRST_USES)),
            floor=_ordered("floor", rule, order, names),
            max_jump=_ordered("max_jump", rule, order, names),
            channel=rule.checked_text("channel", _check_channel),
        )

    @classmethod
    def _order(cls, rule: Table) -> VersionOrder:
        value = rule.required("version")
        if value == "none":
            for key in _ORDERED_ONLY:
                if key in rule.values:
                    raise rule.error(key, 'has no effect with version = "none"')
            return VersionUnchecked()
        if isinstance(value, str):
            raise rule.error("version", f'must be "none" or a table with `from` and `scheme`, not {value!r}')
        table = cls.table_in(rule, "version")
        source, scheme = table.text("from"), table.optional_text("scheme")
        try:
            return version_from(source, scheme, table.checked_text("prefix", _check_prefix))
        except ValueError as error:
            raise rule.error("version", f"is not usable: {error}") from error

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield f"{rule.pattern}: {'; '.join(self._clauses())}."

    def _clauses(self) -> Iterator[str]:
        match self.order:
            case VersionUnchecked():
                yield "its version is not compared with anything"
            case VersionFrom(source=source, scheme=scheme, prefix=prefix):
                behind = f", behind the prefix {prefix!r}" if prefix else ""
                yield f"its version is {source}{behind}, ordered as {scheme}, and never goes back"
            case _:
                assert_never(self.order)
        if self.channel is not None:
            yield f"the channel {self.channel} is a sequence of its own"
        if self.floor is not None:
            yield f"nothing below {self.floor} is accepted"
        if self.max_jump is not None:
            yield f"a step beyond {self.max_jump} is refused"
        if isinstance(self.order, VersionFrom):
            yield _FIRST[self.first_use]

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.of(rule)
        if isinstance(given.order, VersionUnchecked):
            yield 'version = "none": a replayed older artifact is accepted'
        elif given.first_use == "allow" and given.floor is None:
            yield 'first_use = "allow" without a floor: where nothing was seen yet, an old artifact is accepted'

    @classmethod
    def starter(cls, kind: str) -> str:
        source = f'version = {{ from = "{KINDS[kind].version_from}", scheme = "semver" }}'
        return (
            f"{source}   # older than what was accepted before is denied\n"
            'first_use = "allow"                                         # or "require-floor", "deny"\n'
            'floor = "0.1.0"                                             # never accept less, not even the first time\n'
        )


def version_from(source: str, scheme: str | None, prefix: str | None = None) -> VersionFrom:
    """The order of versions from `source`, each behind `prefix`, that compares by `scheme`; raises `ValueError`."""
    if prefix is not None and source == SIGNED_TIME:
        raise ValueError(f"the source {SIGNED_TIME} takes no prefix: nothing stands before a moment")
    if source == SIGNED_TIME:
        if scheme is not None:
            raise ValueError(f"the source {SIGNED_TIME} takes no scheme: moments order themselves")
        return VersionFrom(source=source, scheme=SIGNED_TIME)
    if not _is_version_source(source):
        raise ValueError(
            f"the source must be one of {', '.join(_PLAIN_SOURCES)}, {METADATA}<path>, label:<key>, "
            f"annotation:<key>, not {source!r}"
        )
    if scheme not in SCHEMES:
        seen = "nothing" if scheme is None else repr(scheme)
        raise ValueError(f"the scheme must be one of {', '.join(SCHEMES)}, not {seen}")
    return VersionFrom(source=source, scheme=scheme, prefix=None if prefix is None else _check_prefix(prefix))


def _check_prefix(text: str) -> str:
    """What stands before a version and cannot be taken for a part of one."""
    if not re.match(_PREFIX, text, re.ASCII):
        raise ValueError(f'must be what stands before the version, as in "v" or "release-", not {text!r}')
    return text


def _is_version_source(text: str) -> bool:
    if text.startswith(METADATA):
        return all(text.removeprefix(METADATA).split("."))
    return text in _PLAIN_SOURCES or any(text.startswith(kind) and text != kind for kind in _KEYED_SOURCES)


def _ordered(key: str, rule: Table, order: VersionOrder, names: Names) -> str | None:
    """A `floor` or `max_jump`, of which only the ledger knows what its scheme can use."""
    if key == "max_jump" and type(rule.values.get(key)) is int:
        text = str(rule.integer(key, low=0, high=MAX_JUMP))
    elif key in rule.values:
        text = rule.required_text(key, _check_version_shape)
    else:
        return None
    if names.check_order is not None and isinstance(order, VersionFrom):
        try:
            names.check_order(key, order.scheme, text)
        except ValueError as error:
            raise rule.error(key, f"does not fit the scheme {order.scheme}: {error}") from error
    return text


def _check_version_shape(text: str) -> str:
    """What any scheme could order; whether its own does, the ledger knows."""
    if len(text) > _MAX_VERSION or " " in text:
        raise ValueError(f"must be a version of up to {_MAX_VERSION} characters without spaces, not {text[:40]!r}")
    return text


def _check_channel(text: str) -> str:
    if not re.match(_CHANNEL, text, re.ASCII):
        raise ValueError(f"must be up to 64 letters, digits, `.`, `_`, `-`, not {text!r}")
    return text
