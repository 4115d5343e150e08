"""Capabilities: what the modules of a bundle can do, and where their packages lie.

 * a builtin on the deny list denies, by module and builtin, whether or not a rule that calls it is ever reached
 * a module that could not be analysed is a warning, and undecided where the policy has a capability rule
 * where the policy has a capability rule, a module that nobody analysed is undecided, never passed over
 * a module that a real OPA refuses denies
 * a package outside the manifest's roots denies
 * what nobody has signed is not judged: it is denied anyway, and its modules are given to no compiler

The threat is T-214: a policy that sends its input away (`http.send`, `opa.runtime`, `net.*`).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import Bundle
from verifier.rego.builtins import matches
from verifier.trust.evaluate import capabilities_of

NAME = "capabilities"


def check(inspection: Inspection) -> Outcome:
    """Judge the analyses in the evidence, one for each module of the bundle."""
    bundle, rule = inspection.artifact, capabilities_of(inspection.rule)
    if not isinstance(bundle, Bundle):
        return NotApplicable(why=f"a {bundle.kind} has no Rego modules")
    if not inspection.evidence.signers:
        return NotApplicable(why="nobody has signed it: it is denied, and what a stranger wrote is not compiled")
    analyses = inspection.evidence.analyses
    if rule is None and not analyses:
        return NotApplicable(why="the policy has no capability rule, and no Rego engine was asked")
    seen = {analysis.path for analysis in analyses}
    unseen = [
        ModuleAnalysis(path=module.path, problem="was given to no Rego engine")
        for module in bundle.modules
        if module.path not in seen
    ]
    return check_capabilities(
        [*analyses, *unseen],
        deny=rule.deny if rule else None,
        roots=bundle.manifest.roots if bundle.manifest else ("",),
    )


def check_capabilities(
    analyses: Sequence[ModuleAnalysis], *, deny: tuple[str, ...] | None, roots: tuple[str, ...]
) -> Outcome:
    """Judge what an engine found in each module.

    `deny` is the policy's list (names, or prefixes with a trailing `*`), None where it has no capability rule;
    `roots` are the manifest's, `("",)` for a bundle that owns everything.
    """
    if not analyses:
        return NotApplicable(why="the bundle has no Rego modules")
    return outcome_of([reason for analysis in analyses for reason in _judge(analysis, deny, roots)])


def _judge(analysis: ModuleAnalysis, deny: tuple[str, ...] | None, roots: tuple[str, ...]) -> list[Reason]:
    if analysis.invalid:
        return [Reason(code="bundle.rego-invalid", subject=analysis.path, message=analysis.problem)]
    if analysis.problem or analysis.package is None:
        code = "bundle.rego-unanalysed" if deny is None else "capability.unanalysed"
        message = analysis.problem or "the package is unknown"
        return [Reason(code=code, subject=analysis.path, message=message, hint=analysis.hint)]
    reasons = [_denied(analysis.path, builtin) for builtin in sorted(analysis.builtins) if matches(builtin, deny or ())]
    if not any(_covers(root, analysis.package) for root in roots):
        message = f"package {'.'.join(analysis.package)} is under none of the roots {', '.join(roots) or '(none)'}"
        reasons.append(Reason(code="manifest.outside-roots", subject=analysis.path, message=message))
    return reasons


def _denied(path: str, builtin: str) -> Reason:
    message = f"calls {builtin}, which the trust policy denies"
    return Reason(code="capability.denied", subject=path, message=message)


def _covers(root: str, package: tuple[str, ...]) -> bool:
    """Whether `root` is the package or above it, by whole segments.

    OPA compares the package's path with each segment escaped (`ast.Ref.Ptr`, Go's `url.PathEscape`), so that
    a slash inside a segment is never a border.
    """
    path = "/".join(quote(segment, safe="$&+=:@") for segment in package)
    return not root or path == root or path.startswith(f"{root}/")
