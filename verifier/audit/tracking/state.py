"""What an issue says of itself to the next run: two comments in its text that nobody sees.

* `<!-- verifier-audit -->` makes an issue the one of the audit, together with its label
* the other comment is JSON: how the last audit ended, of when it is, and which findings it had, by package and id
* nothing in it can end the comment, whatever an id or a purl holds
* what somebody has changed so that it cannot be read is as good as not there, and never an error
* so many findings that they would crowd out the text are kept as their digest: that they changed is still known

Source: formats/audit.md section 10; CommonMark 0.31 section 4.6 (a comment ends at `-->`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple, get_args

from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused
from verifier.core.value import Value
from verifier.formats.audit.result import Outcome
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import canonical

MARK: Final = "<!-- verifier-audit -->"
_BEGINS, _ENDS = "<!-- verifier-audit-state: ", " -->"
_FORM: Final = 1
_MOST: Final = 24_000
"""Characters of the list of findings, of the 65,536 that an issue may have."""
_MOST_PACKAGES: Final = 10_000


class Tracked(NamedTuple):
    """A finding that an issue is open about: the package without its version, so that an upgrade that mends nothing
    is no news, and the primary id."""

    package: str
    id: str


class State(Value):
    """How the audit before ended. `digest` is in the place of `open` where that is too long to be kept."""

    outcome: Outcome
    moment: datetime
    open: frozenset[Tracked] = frozenset()
    digest: str = ""


def state_of(outcome: Outcome, moment: datetime, tracked: Iterable[Tracked]) -> State:
    """The state with these findings, or their digest where they are too many."""
    held = frozenset(tracked)
    listed = canonical(_grouped(held))
    if len(listed) <= _MOST:
        return State(outcome=outcome, moment=moment, open=held)
    return State(outcome=outcome, moment=moment, digest=hashlib.sha256(listed.encode()).hexdigest())


def digest_of(tracked: Iterable[Tracked]) -> str:
    """The digest that stands for these findings where they are too many."""
    return hashlib.sha256(canonical(_grouped(tracked)).encode()).hexdigest()


def written(state: State) -> str:
    """Both comments, one a line."""
    document = {
        "version": _FORM,
        "outcome": state.outcome,
        "moment": format_rfc3339(state.moment),
        **({"digest": state.digest} if state.digest else {"open": _grouped(state.open)}),
    }
    text = canonical(document).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"{MARK}\n{_BEGINS}{text}{_ENDS}"


def read_state(body: str) -> State | None:
    """What the text of an issue says of the audit before; None where it says nothing that can be read."""
    _, begins, rest = body.partition(_BEGINS)
    text, ends, _ = rest.partition(_ENDS)
    if not begins or not ends:
        return None
    try:
        value = strict_json.loads(text.encode("utf-8", "replace"), subject="the issue")
        return _read(Fields.of(value, code="issue.tracker-unavailable", subject="the issue"))
    except Refused:
        return None


def _read(fields: Fields) -> State:
    if fields.count("version") != _FORM:
        raise fields.refusal("version", f"is not {_FORM}")
    outcome = next((each for each in get_args(Outcome) if each == fields.text("outcome")), None)
    if outcome is None:
        raise fields.refusal("outcome", "is none")
    moment, digest = fields.moment("moment"), fields.optional_text("digest")
    if digest is not None:
        return State(outcome=outcome, moment=moment, digest=digest)
    packages = fields.object("open")
    held = frozenset(
        Tracked(package, each) for package in packages.value for each in packages.texts(package, most=_MOST_PACKAGES)
    )
    return State(outcome=outcome, moment=moment, open=held)


def _grouped(tracked: Iterable[Tracked]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for each in sorted(tracked):
        grouped.setdefault(each.package, []).append(each.id)
    return grouped
