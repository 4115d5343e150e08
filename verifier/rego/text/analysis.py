"""What is known of a module: what the compiler found, and what its text says by itself, held against each other.

* whatever OPA takes for a builtin counts, though the compiler may call it otherwise (`verifier.rego.text.calls`)
* the package is what the strict reader says; where the compiler says something else, nothing is known of the module
* a module that no OPA reads is invalid, though the compiler may have read it
* nothing is dropped: a call that is neither a builtin nor below `data` is `unknown`
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.value import Value
from verifier.formats.opa.builtin_names import BUILTIN_NAMES
from verifier.formats.opa.package_clause import package_of
from verifier.rego.text.calls import Calls, calls_of
from verifier.rego.text.dialect import ambiguous, dialect_problem, newest, with_braces
from verifier.rego.text.scan import Token, UnreadableError, tokens_of

OPA_DECIDES: Final = "Where `opa check` takes the module, verify with `--rego-engine opa`."


class Compiled(Value):
    """What rego-cpp says: the package, the names of all calls but of the module's own rules, the places of its rules.

    `wrong` is what OPA would refuse though it is compiled, "" for nothing.
    """

    package: tuple[str, ...]
    calls: tuple[str, ...]
    rules: frozenset[tuple[str, ...]]
    wrong: str = ""


def analysis_of(module: RegoModule, compiled: Compiled) -> ModuleAnalysis:
    """The whole of it; `problem` where the two do not agree, or the text is no Rego of its version, or of any."""
    known = ModuleAnalysis(path=module.path)
    try:
        tokens = tokens_of(module.source)
        package = package_of(module.source.encode())
        calls = calls_of(tokens, package)
    except UnreadableError as error:
        return known._replace(problem=str(error), invalid=True)
    except ValueError as error:
        return known._replace(problem=str(error))
    if package != compiled.package:
        return known._replace(problem=f"its package reads as {package} and is compiled as {compiled.package}")
    wrong = dialect_problem(tokens, module.version) or ("" if _misleads(tokens) else compiled.wrong)
    unclear = ambiguous(tokens, module.version)
    if wrong or unclear:
        return known._replace(problem=wrong or unclear, invalid=bool(wrong), hint=OPA_DECIDES)
    return known._replace(
        package=package,
        builtins=calls.builtins | (BUILTIN_NAMES & frozenset(compiled.calls)),
        rules=compiled.rules,
        whole=calls.heads & compiled.rules,
        calls=calls.functions,
        unknown=tuple(sorted({*calls.unknown, *_unexplained(compiled, calls, package)})),
    )


def in_braces(module: RegoModule) -> str | None:
    """The module as rego-cpp may read it where it did not; None where there is nothing to be done."""
    try:
        source = module.source.removeprefix("\ufeff")
        rewritten = with_braces(source, tokens_of(source))
    except UnreadableError:
        return None
    return rewritten if rewritten != source else None


def refusal_of(module: RegoModule, message: str) -> ModuleAnalysis:
    """What it means that the compiler does not take a module for Rego."""
    known = ModuleAnalysis(path=module.path, problem=message)
    try:
        if newest(tokens_of(module.source), module.version):
            return known
    except UnreadableError:
        pass
    return known._replace(invalid=True, hint=OPA_DECIDES)


def _unexplained(compiled: Compiled, calls: Calls, package: tuple[str, ...]) -> set[str]:
    """Calls that the compiler found and that the text does not show."""
    explained = {".".join(("data", *place)) for place in calls.functions}
    # It takes `http.send` for a rule of `data.a.http` where `http` is a part of the package `a.http.b`.
    above = [".".join(("data", *package[:parts])) for parts in range(len(package) + 1)]
    explained.update(f"{place}.{name}" for place in above for name in calls.builtins)
    own = ".".join(("data", *package))
    return {
        name
        for name in compiled.calls
        if name not in BUILTIN_NAMES and name not in explained and f"{own}.{name}" not in explained
    }


def _misleads(tokens: list[Token]) -> bool:
    """Whether there is what rego-cpp reads more into than there is: `every`, `_` as an argument, `data[…]`."""
    if any(token.text == "every" and token.kind == "name" for token in tokens):
        return True
    misleading = {("_", ","), ("_", ")"), ("data", "[")}
    return any(token.kind == "name" and (token.text, behind.text) in misleading for token, behind in pairwise(tokens))
