"""A statement (in-toto) or a predicate alone, which nobody signed: its type, its subjects, and what it says."""

from __future__ import annotations

from verifier.core.errors import Refused
from verifier.core.limits import MAX_JSON_DEPTH
from verifier.formats.intoto.statement import parse_statement
from verifier.formats.json import strict_json
from verifier.inspecting import checks
from verifier.inspecting.claims.said import stated_with_faults
from verifier.inspecting.inspected import Check, Claim, Described, Given, facts


def describe(given: Given) -> Described:
    """What the statement says; never raises for what it reads."""
    check = _check()
    if given.form != "statement":
        return _predicate(given, check)
    try:
        statement = parse_statement(given.content, subject=given.name)
    except Refused as refusal:
        return Described(what="a statement (in-toto), which nobody signed", check=check, faults=refusal.reasons)
    said, faults = stated_with_faults(statement, subject=given.name)
    return Described(
        what="a statement (in-toto), which nobody signed",
        check=check,
        claims=(Claim(where=given.name, form="statement without a signature", stated=said, faults=faults),),
    )


def _predicate(given: Given, check: Check) -> Described:
    """Only its names are looked at: what it is about nobody says."""
    what = "a predicate (in-toto) alone, which nobody signed and which is about nothing"
    try:
        value = strict_json.loads(given.content, subject=given.name, max_depth=MAX_JSON_DEPTH)
    except Refused as refusal:
        return Described(what=what, check=check, faults=refusal.reasons)
    names = list(value)[:50] if isinstance(value, dict) else []
    return Described(what=what, check=check, facts=facts(members=[*names]))


def _check() -> Check:
    """What nobody signed is signed first, or its signed form is asked for."""
    signed = ("SIGNED.json", "the same, signed: ask whoever made it")
    return checks.check(
        "artifact", checks.ARTIFACT[0], "--attestation", signed[0], "--key", checks.KEY[0],
        unknown=(checks.ARTIFACT, signed, checks.KEY),
    )  # fmt: skip
