"""`version` and what stands beside it: `first_use`, `floor`, `max_jump`, `channel`, `scope`.

* a rule without a version is an error: what is not ordered is never a default, and says so (`version = "none"`)
* a key that would have no effect (a floor without a version) is an error, not decoration
* a rule for many names says whether they are one sequence of versions or many (`scope`); where it does not, each name
  is its own, which is called weak and is in every report (`scope.each-name`)
* a floor or step that its scheme cannot use is an error where the caller can tell
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, assert_never, cast

from verifier.core.globs import glob_matches
from verifier.core.value import Value
from verifier.trust.kinds import KINDS, kind_in
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.vocabulary import is_plain_name

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names
    from verifier.versions.candidate import FirstUse

SCHEMES = ("semver", "integer", "rfc3339", "pep440", "calver")
FIRST_USES = ("allow", "require-floor", "deny")
EACH_NAME = "each-name"
"""The `scope` of a rule for many names, each of which is a sequence of its own."""
SIGNED_TIME = "signed-time"
"""The version source that needs no scheme: moments order themselves."""
MAX_JUMP = 10**18
"""The largest step that `max_jump` may name as a number."""

CLAIM = "claim:"
"""Before the name of what signers state beside the digest."""
PROVENANCE_REF = "provenance.ref"
"""The ref of the source that verified provenance states: a Git tag is a version behind a prefix."""
TAG = "tag"
"""The version source that nothing signed states: whoever may push moves a tag."""
_OF_EVERY_KIND = ("attestation.version", CLAIM, PROVENANCE_REF, SIGNED_TIME)
_BEHIND = {".": "path", ":": "name"}
"""What follows a place that ends so."""
_GIT_TAGS = "refs/tags/"
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
    `channel` is a part of the ledger's scope, in which `scope` stands for the names of all artifacts of the rule,
    unless it is `EACH_NAME`."""

    name: ClassVar[str] = "version"
    keys: ClassVar[tuple[str, ...]] = (
        "version.from",
        "version.scheme",
        "version.prefix",
        *_ORDERED_ONLY,
        "channel",
        "scope",
    )
    judged: ClassVar[bool] = True

    order: VersionOrder
    first_use: FirstUse = "allow"
    floor: str | None = None
    max_jump: str | None = None
    channel: str | None = None
    scope: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> VersionRule:
        order = cls._order(rule)
        return cls(
            order=order,
            first_use=cast("FirstUse", rule.choice("first_use", FIRST_USES)),
            floor=_ordered("floor", rule, order, names),
            max_jump=_ordered("max_jump", rule, order, names),
            channel=rule.checked_text("channel", _check_channel),
            scope=cls._scope(rule),
        )

    @classmethod
    def _scope(cls, rule: Table) -> str | None:
        scope = rule.checked_text("scope", _check_scope)
        if scope == EACH_NAME and not str(rule.path[-1]).endswith("*"):
            raise rule.error("scope", f'is "{EACH_NAME}", which has no effect where the rule is for one name')
        return scope

    def sequence(self, kind: str, name: str) -> str:
        """The scope of the ledger in which the versions of the artifact `kind:name` are one sequence."""
        reference = f"{kind}:{name if self.scope in {None, EACH_NAME} else self.scope}"
        return reference if self.channel is None else f"{reference}@{self.channel}"

    @property
    def is_each_name(self) -> bool:
        """Whether the versions of each name are a sequence of their own."""
        return self.scope in {None, EACH_NAME}

    def parts_unsaid(self, pattern: str) -> bool:
        """Whether a rule with this `pattern` is for many names and does not say whether they are one sequence."""
        return self.scope is None and pattern.endswith("*")

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
        if source == PROVENANCE_REF and "provenance" not in rule.values:
            raise rule.error("version", f"is from {source}, and the rule asks for no provenance that could state it")
        try:
            prefix = table.checked_text("prefix", _check_prefix)
            return version_from(source, scheme, prefix, kind=kind_in(str(rule.path[-1])))
        except ValueError as error:
            raise rule.error("version", f"is not usable: {error}") from error

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield f"{rule.pattern}: {'; '.join(self._clauses(rule))}."

    def _clauses(self, rule: ArtifactRule) -> Iterator[str]:
        match self.order:
            case VersionUnchecked():
                yield "its version is not compared with anything"
                if self.scope is not None:
                    yield f"a ledger knows it as {self._where(rule)}"
            case VersionFrom(source=source, scheme=scheme, prefix=prefix):
                behind = f", behind the prefix {prefix!r}" if prefix else ""
                yield f"its version is {source}{behind}, ordered as {scheme}"
                yield self._bound(rule)
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

    def _where(self, rule: ArtifactRule) -> str:
        """The ledger's scopes of the rule, in words; a pattern's own name stands for each that it matches."""
        kind, _, name = rule.pattern.partition(":")
        return self.sequence(kind, name)

    def _bound(self, rule: ArtifactRule) -> str:
        """Within what the version does not go back: within one scope of one ledger, and never wider."""
        where, many = self._where(rule), rule.pattern.endswith("*")
        if not many:
            return f"it never goes back within the scope {where} of a ledger"
        if self.scope in {None, EACH_NAME}:
            return f"each name is a sequence of its own ({where}): an older version under another name is accepted"
        return f"all names are one sequence, which never goes back within the scope {where} of a ledger"

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        given = cls.of(rule)
        if isinstance(given.order, VersionUnchecked):
            yield 'version = "none": a replayed older artifact is accepted'
        elif given.first_use == "allow" and given.floor is None:
            yield 'first_use = "allow" without a floor: where nothing was seen yet, an old artifact is accepted'
        if isinstance(given.order, VersionFrom) and given.order.source == TAG:
            yield f'version.from = "{TAG}": nothing signed states it, and whoever may push moves it to another image'
        if isinstance(given.order, VersionFrom) and given.parts_unsaid(rule.pattern):
            yield (
                "no scope: each name that matches is a sequence of its own, so that an older version under another "
                f'name is accepted; say scope = "NAME" (one sequence for all) or "{EACH_NAME}"'
            )
        for other in policy.artifacts:
            if other is not rule and _meet(rule, other):
                yield f"its scope {given._where(rule)} is one of {other.pattern} too: each moves the mark of the other"

    @classmethod
    def starter(cls, kind: str) -> str:
        source = f'version = {{ from = "{KINDS[kind].version_from}", scheme = "semver" }}'
        return (
            f"{source}   # older than what was accepted before is denied\n"
            'first_use = "allow"                                         # or "require-floor", "deny"\n'
            'floor = "0.1.0"                                             # never accept less, not even the first time\n'
        )


def version_from(source: str, scheme: str | None, prefix: str | None = None, *, kind: str | None = None) -> VersionFrom:
    """The order of versions from `source`, each behind `prefix`, that compares by `scheme`; raises `ValueError`.

    Without a `kind` the source may be one that only some kinds of artifacts have.
    """
    if prefix is not None and source == SIGNED_TIME:
        raise ValueError(f"the source {SIGNED_TIME} takes no prefix: nothing stands before a moment")
    if source == SIGNED_TIME:
        if scheme is not None:
            raise ValueError(f"the source {SIGNED_TIME} takes no scheme: moments order themselves")
        return VersionFrom(source=source, scheme=SIGNED_TIME)
    _check_source(source, kind)
    if source == PROVENANCE_REF and not (prefix or "").startswith(_GIT_TAGS):
        raise ValueError(
            f'the source {source} needs the prefix of Git tags, as in prefix = "{_GIT_TAGS}v", not {prefix!r}: '
            "a branch has no version"
        )
    if scheme not in SCHEMES:
        seen = "nothing" if scheme is None else repr(scheme)
        raise ValueError(f"the scheme must be one of {', '.join(SCHEMES)}, not {seen}")
    return VersionFrom(source=source, scheme=scheme, prefix=None if prefix is None else _check_prefix(prefix))


def _check_source(source: str, kind: str | None) -> None:
    """Refuse a place that no artifact has, or none of this `kind`: nothing would ever be accepted."""
    kinds = KINDS if kind is None else {kind: KINDS[kind]}
    places = dict.fromkeys((*_OF_EVERY_KIND, *(place for known in kinds.values() for place in known.versions)))
    if any(_is_in(source, place) for place in places):
        return
    listed = ", ".join(f"{place}<{_BEHIND[place[-1]]}>" if place[-1] in _BEHIND else place for place in places)
    of = "" if kind is None else f" for {KINDS[kind].plural}"
    having = [known.plural for known in KINDS.values() if any(_is_in(source, place) for place in known.versions)]
    only = f", which only {' and '.join(having)} have" if having else ""
    raise ValueError(f"the source must be one of {listed}{of}, not {source!r}{only}")


def _is_in(source: str, place: str) -> bool:
    if place[-1] not in _BEHIND:
        return source == place
    rest = source.removeprefix(place)
    return rest != source and all(rest.split(".") if place[-1] == "." else [rest])


def _check_prefix(text: str) -> str:
    """What stands before a version and cannot be taken for a part of one."""
    if not re.match(_PREFIX, text, re.ASCII):
        raise ValueError(f'must be what stands before the version, as in "v" or "release-", not {text!r}')
    return text


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
            prefixed = order.prefix is not None and text.startswith(order.prefix)
            hint = f"Write it without the prefix: {text.removeprefix(order.prefix or '')}." if prefixed else ""
            raise rule.error(key, f"does not fit the scheme {order.scheme}: {error}", hint) from error
    return text


def _check_version_shape(text: str) -> str:
    """What any scheme could order; whether its own does, the ledger knows."""
    if len(text) > _MAX_VERSION or " " in text:
        raise ValueError(f"must be a version of up to {_MAX_VERSION} characters without spaces, not {text[:40]!r}")
    return text


def _meet(rule: ArtifactRule, other: ArtifactRule) -> bool:
    """Whether the one scope that `rule` names is one of the other's as well; of two that name it, the first says so."""
    mine, theirs = VersionRule.of(rule), VersionRule.of(other)
    kind, _, own = other.pattern.partition(":")
    if mine.scope in {None, EACH_NAME} or mine.channel != theirs.channel or not rule.pattern.startswith(f"{kind}:"):
        return False
    if theirs.scope in {None, EACH_NAME}:
        return glob_matches(own, str(mine.scope))
    return mine.scope == theirs.scope and rule.pattern < other.pattern


def _check_scope(text: str) -> str:
    """A name as artifacts have: with the rule's kind it is a scope of the ledger."""
    if text == EACH_NAME:
        return text
    kind, colon, name = text.partition(":")
    if colon and kind in KINDS:
        raise ValueError(f"must be a name without its kind, {name!r}, not {text!r}")
    if not is_plain_name(text):
        raise ValueError(f'must be a name without `*`, `@` and characters that do not show, or "{EACH_NAME}": {text!r}')
    return text


def _check_channel(text: str) -> str:
    if not re.match(_CHANNEL, text, re.ASCII):
        raise ValueError(f"must be up to 64 letters, digits, `.`, `_`, `-`, not {text!r}")
    return text
