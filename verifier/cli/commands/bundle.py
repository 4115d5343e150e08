"""`verify bundle`: verify a Rego bundle."""

from __future__ import annotations

from verifier.cli import references
from verifier.cli.judging.agent import Asking
from verifier.cli.judging.asked import Judging
from verifier.cli.judging.engines import Engine
from verifier.cli.judging.judge import judge
from verifier.cli.judging.wanted import Wanted
from verifier.cli.options.demands.github import GitHub
from verifier.cli.options.demands.signatures import SignatureDemands
from verifier.cli.options.option import Group, argument, option
from verifier.cli.options.trust import Trust
from verifier.cli.spread import spread


class Compiling(Group):
    """What analyses the modules of a bundle."""

    rego_engine: Engine = option("--rego-engine", "Compiler that analyses modules.", default="auto")


@spread
def bundle(
    *,
    artifacts: tuple[str, ...] = argument(
        "REF...", "Bundles (.tar.gz), directories, https://... or oci://...", default=(), least=1
    ),
    trust: Trust,
    github: GitHub,
    signatures: SignatureDemands,
    compiling: Compiling,
    asked: Judging,
    asking: Asking,
) -> int:
    """Verify a Rego bundle. Judges signatures, file digests, the version, capabilities, and your own rules."""
    if asking.agent is not None:
        from verifier.cli.judging.bundle_by_agent import judged  # noqa: PLC0415 - only where there is one

        answered = judged(asking, artifacts, asked, (github, signatures, compiling), trust)
        if answered is not None:
            return answered
    wanted = Wanted(
        kind="bundle", source=references.anywhere, demands=(github, signatures), engine=compiling.rego_engine
    )
    return judge(artifacts, wanted, trust, asked)
