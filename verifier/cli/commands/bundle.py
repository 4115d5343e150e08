"""`verify bundle`: verify a Rego bundle."""

from __future__ import annotations

from verifier.cli import references
from verifier.cli.judging.agent import Asking, Others
from verifier.cli.judging.asked import Judging
from verifier.cli.judging.engines import Engine
from verifier.cli.judging.judge import ask_or_judge
from verifier.cli.judging.wanted import Wanted
from verifier.cli.options.demands.github import GitHub
from verifier.cli.options.demands.signatures import SignatureDemands
from verifier.cli.options.option import argument, option
from verifier.cli.options.trust import Trust
from verifier.cli.spread import spread


@spread
def bundle(
    *,
    artifacts: tuple[str, ...] = argument(
        "REF...", "Bundles (.tar.gz), directories, https://... or oci://...", default=(), least=1
    ),
    trust: Trust,
    github: GitHub,
    signatures: SignatureDemands,
    rego_engine: Engine = option("--rego-engine", "Compiler that analyses modules.", default="auto"),
    asked: Judging,
    asking: Asking,
) -> int:
    """Verify a Rego bundle. Judges signatures, file digests, the version, capabilities, and your own rules."""
    wanted = Wanted(kind="bundle", source=references.anywhere, demands=(github, signatures), engine=rego_engine)
    flags = {"--rego-engine": rego_engine != "auto"}
    return ask_or_judge(artifacts, wanted, trust, asked, asking, Others(groups=(github, signatures), flags=flags))
