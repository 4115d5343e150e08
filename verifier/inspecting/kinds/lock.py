"""A lock file: which packages it pins, and how many of them to bytes."""

from __future__ import annotations

from collections import Counter

from verifier.audit.sources.table import Reading, format_of_file, read_source
from verifier.core.errors import Refused
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts, listing


def is_lock(name: str) -> bool:
    """Whether a file of this name pins packages, or asks for them."""
    found = format_of_file(name)
    return found is not None and found.name != "sbom"


def describe(given: Given) -> Described:
    """What the lock says; never raises for what it reads."""
    form = format_of_file(given.name)
    check = checks.check(
        "audit", "run", checks.reference_word(given.reference), "--db", checks.DATABASE[0], unknown=(checks.DATABASE,)
    )
    if form is None:
        raise TypeError("it was told by its name")
    what = f"a lock file ({form.name})"
    try:
        found = read_source(Reading(form=form, path=given.name.rpartition("/")[2], content=given.content))
    except Refused as refusal:
        return Described(what=what, check=check, faults=refusal.reasons)
    packages = found.packages
    types = Counter(each.ecosystem for each in packages)
    return Described(
        what=what,
        check=check,
        facts=facts(packages=len(packages), ecosystems=[f"{kind} {count}" for kind, count in types.most_common(20)]),
        listings=(listing("packages", ("name", "version"), [(each.name, each.version) for each in packages]),),
        notes=tuple(each.as_warning() for each in getattr(found, "reasons", ())),
    )
