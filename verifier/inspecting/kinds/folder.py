"""A folder that is no bundle and no layout: a project with lock files, or what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.audit.sources.table import format_of_file
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts

if TYPE_CHECKING:
    from verifier.engine.targets.recognise import TargetKind


def describe(given: Given, kind: TargetKind) -> Described:
    """What lies at the top of the folder that an audit reads."""
    named = sorted(each.name for each in given.path.iterdir()) if given.path is not None else []
    locks = [name for name in named if format_of_file(name) is not None]
    reference = checks.reference_word(given.reference)
    words = ("--environment", reference) if kind == "environment" else (reference,)
    what = "an environment: what is installed" if kind == "environment" else "a project's folder"
    return Described(
        what=what,
        kind=kind,
        check=checks.check("audit", "run", *words, "--db", checks.DATABASE[0], unknown=(checks.DATABASE,)),
        facts=facts(locks=[*locks]),
    )
