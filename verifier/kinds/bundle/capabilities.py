"""Capabilities: what the modules of a bundle can do, and whether OPA would load them.

 * a builtin on the deny list denies, by module and builtin, whether or not a rule that calls it is ever reached
 * a module that no OPA reads denies, whatever the policy asks
 * a call that is neither proven to be a rule of this bundle nor a builtin of OPA leaves its module unanalysed
 * a module that could not be analysed is a warning, and undecided where the policy has a capability rule
 * a module that nobody analysed is undecided, never passed over
 * what OPA cannot have side by side denies: a rule and data, or a rule and a package, in one place
 * what nobody has signed is not judged: it is denied anyway, and its modules are given to no compiler

Packages are held against the manifest's roots where the bundle is read (`artifact`). The threat is T-214: a policy that
sends its input away (`http.send`, `opa.runtime`, `net.*`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.inspection import Inspection
from verifier.formats.json.strict_json import JsonValue
from verifier.kinds.bundle.artifact import Bundle
from verifier.rego.builtins import matches
from verifier.trust.evaluate import capabilities_of

NAME = "capabilities"
_MAX_CALLS_SHOWN = 10


def check(inspection: Inspection) -> Outcome:
    """Judge the analyses in the evidence, one for each module of the bundle."""
    bundle, rule = inspection.artifact, capabilities_of(inspection.rule)
    if not isinstance(bundle, Bundle):
        return NotApplicable(why=f"a {bundle.kind} has no Rego modules")
    if not inspection.evidence.signers:
        return NotApplicable(why="nobody has signed it: it is denied, and what a stranger wrote is not compiled")
    analyses = inspection.evidence.analyses
    seen = {analysis.path for analysis in analyses}
    unseen = [
        ModuleAnalysis(path=path, problem="was given to no Rego engine")
        for path in bundle.modules.paths
        if path not in seen
    ]
    return check_capabilities([*analyses, *unseen], deny=rule.denied if rule else None, data=bundle.data)


def check_capabilities(
    analyses: Sequence[ModuleAnalysis], *, deny: tuple[str, ...] | None, data: Mapping[str, JsonValue]
) -> Outcome:
    """Judge what an engine found in each module.

    `deny` is the policy's list (names, or prefixes with a trailing `*`), None where it has no capability rule;
    `data` is what the bundle puts under `data`.
    """
    if not analyses:
        return NotApplicable(why="the bundle has no Rego modules")
    # There are thousands, of which nearly all define rules and call nothing that has to be looked up.
    telling = [
        each
        for each in analyses
        if each.calls
        or each.problem
        or each.package is None
        or each.unknown
        or each.invalid
        or (deny and each.builtins)
    ]
    defined = frozenset[tuple[str, ...]]().union(*(analysis.rules for analysis in analyses)) if telling else frozenset()
    unknown = [analysis for analysis in telling if _is_unknown(analysis)]
    found = chain.from_iterable(_judge(analysis, deny, defined) for analysis in telling if not _is_unknown(analysis))
    places = [place for analysis in analyses for place in analysis.whole]
    beside = (*_beside_data(analyses, places, dict(data)), *_beside_packages(analyses, places))
    return outcome_of([*found, *_unanalysed(unknown, deny), *beside])


def _is_unknown(analysis: ModuleAnalysis) -> bool:
    return (analysis.package is None or bool(analysis.problem)) and not analysis.invalid


def _unanalysed(analyses: Iterable[ModuleAnalysis], deny: tuple[str, ...] | None) -> Iterator[Reason]:
    """What could not be analysed, each problem once: where there is no compiler, all modules have the same one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for analysis in analyses:
        problem = analysis.problem or "the package is unknown"
        alike.setdefault((problem, analysis.hint), []).append(analysis.path)
    for (problem, hint), paths in alike.items():
        more = f" (and {len(paths) - 1} more modules)" if len(paths) > 1 else ""
        yield Reason(code=_code(deny), subject=paths[0], message=f"{problem}{more}", hint=hint)


def _code(deny: tuple[str, ...] | None) -> str:
    return "bundle.rego-unanalysed" if deny is None else "capability.unanalysed"


def _judge(analysis: ModuleAnalysis, deny: tuple[str, ...] | None, defined: frozenset[tuple[str, ...]]) -> list[Reason]:
    if analysis.invalid:
        return [Reason(code="bundle.rego-invalid", subject=analysis.path, message=analysis.problem, hint=analysis.hint)]
    if analysis.calls <= defined and not analysis.unknown and not (deny and analysis.builtins):
        return []
    unproven = {*analysis.unknown, *map(_dotted, analysis.calls - defined)}
    # What no OPA here knows may be a builtin of theirs, which the policy names.
    denied = sorted(each for each in {*analysis.builtins, *unproven} if matches(each, deny or ()))
    reasons = [_denied(analysis.path, builtin) for builtin in denied]
    if others := sorted(unproven.difference(denied)):
        listed = ", ".join(others[:_MAX_CALLS_SHOWN])[:500]
        message = f"calls {listed}: no rule of this bundle, and no builtin of OPA"
        reasons.append(Reason(code=_code(deny), subject=analysis.path, message=message))
    return reasons


def _denied(path: str, builtin: str) -> Reason:
    message = f"calls {builtin}, which the trust policy denies"
    return Reason(code="capability.denied", subject=path, message=message)


def _beside_data(
    analyses: Sequence[ModuleAnalysis], places: Sequence[tuple[str, ...]], data: dict[str, JsonValue]
) -> Iterator[Reason]:
    """OPA loads no rule where the data have something already, or have something that holds nothing on the way."""
    if all(places) and data.keys().isdisjoint({place[0] for place in places}):
        return  # the data begin where no rule does
    for analysis in analyses:
        for place in sorted(place for place in analysis.whole if _is_taken(data, place)):
            message = f"the rule {_dotted(place)} stands where the data have something already"
            yield Reason(code="bundle.data-conflict", subject=analysis.path, message=message)


def _is_taken(data: JsonValue, place: tuple[str, ...]) -> bool:
    here = data
    for name in place:
        if not isinstance(here, dict):
            return True
        if name not in here:
            return False
        here = here[name]
    return True


def _beside_packages(analyses: Sequence[ModuleAnalysis], places: Sequence[tuple[str, ...]]) -> Iterator[Reason]:
    """OPA loads no rule where another module has its package."""
    if all(places) and {place[-1] for place in places}.isdisjoint(
        [each.package[-1] for each in analyses if each.package]
    ):
        return  # no rule is called as a package is
    packages: dict[tuple[str, ...], str] = {}
    for analysis in analyses:
        if analysis.package is not None:
            packages.setdefault(analysis.package, analysis.path)
    for analysis in analyses:
        if packages.keys().isdisjoint(analysis.whole):
            continue
        for place in sorted(analysis.whole & packages.keys()):
            message = f"the rule {_dotted(place)} has the place of the package of {packages[place]}"
            yield Reason(code="bundle.rego-invalid", subject=analysis.path, message=message)


def _dotted(place: tuple[str, ...]) -> str:
    return ".".join(("data", *place))
