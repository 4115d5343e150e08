"""What an agent takes of what is said, and what of a line keeps it from being put to one.

* whatever is given and not named as what an agent takes is nothing that it takes: an option that is new, too
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from verifier.cli.options.answer import Answer
from verifier.cli.options.option import Group
from verifier.cli.options.parameter import Parameter, parts
from verifier.cli.typed.environment import SIGSTORE, has_library_verify
from verifier.reports.table import SHOW_MORE

TAKEN = frozenset({"policy", "name", "resource_uri", "ledger", "record", "style", "quiet", "verbose", "correlation_id"})
"""Options that agents take, whatever they are asked, by the names of their fields."""


_SAY_MORE = SHOW_MORE | {"github"}
"""Formats of which more becomes than what is printed: what else is known is looked up, a job's summary is written."""


def kept_back(groups: Sequence[Group], taken: frozenset[str], answer: Answer) -> str:
    """The first of what is said that an agent does not take; "" where it takes all."""
    given = (each for group in groups for each in _given(group))
    flag = next((each.said.flags[0] for each, _ in given if each.name not in taken), "")
    if not flag and answer.style in _SAY_MORE:
        flag = f"--format {answer.style}"
    return flag or (SIGSTORE if has_library_verify(os.environ) else "")


def _given(group: Group) -> Iterator[tuple[Parameter, Any]]:
    """The options of a group that say something else than nobody would."""
    for name, each in parts(type(group)).items():
        value = getattr(group, name)
        if isinstance(value, Group):
            yield from _given(value)
        elif isinstance(each, Parameter) and value != each.said.default:
            yield each, value
