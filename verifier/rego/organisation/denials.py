"""What is common to every engine's organisation rules: how a `deny` set reads.

* a `deny` that is not a set of messages is refused; so is more than anyone could read
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verifier.core.errors import refuse
from verifier.formats.json.write import spaced
from verifier.rego.interface import OrganisationDenial

RULE = "deny"
"""The name of the sets that are evaluated, in every package of the organisation's files."""
MAX_DENIALS = 1_000
MAX_MESSAGE = 500


def denials_of(value: Any, *, package: Iterable[str], path: str) -> tuple[OrganisationDenial, ...]:
    """The members of a `deny` set, as JSON has it; raises `Refused` for anything else.

    `deny[msg] if { … }` is an object from messages to true in Rego v1, and meant the same.
    """
    rule = ".".join(("data", *package, RULE))
    if isinstance(value, dict) and all(held is True for held in value.values()):
        value = list(value)
    if not isinstance(value, list):
        message = f"{rule} is {_shown(value)[:100]}, not a set of messages"
        raise refuse("organisation.unevaluated", path, message)
    if len(value) > MAX_DENIALS:
        raise refuse("organisation.unevaluated", path, f"{rule} has {len(value)} members, more than {MAX_DENIALS}")
    return tuple(OrganisationDenial(path=path, rule=rule, message=_message(member)) for member in value)


def _message(member: Any) -> str:
    if isinstance(member, dict) and isinstance(member.get("msg"), str):
        member = member["msg"]
    return (member if isinstance(member, str) else _shown(member))[:MAX_MESSAGE]


def _shown(value: Any) -> str:
    return spaced(value, ascii_only=False)
