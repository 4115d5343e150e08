"""`verify artifact`: verify any file by its signatures and attestations."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import references
from verifier.cli.judging.agent import Asking, Others
from verifier.cli.judging.asked import Judging
from verifier.cli.judging.judge import ask_or_judge
from verifier.cli.judging.wanted import Wanted
from verifier.cli.options.demands.checksums import Checksums
from verifier.cli.options.demands.github import GitHub
from verifier.cli.options.demands.provenance import ProvenanceDemands
from verifier.cli.options.option import argument, option
from verifier.cli.options.trust import Trust
from verifier.cli.spread import spread

_COUNTED = (
    "https://slsa.dev/provenance/v1",
    "https://slsa.dev/provenance/v0.2",
    "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
)
"""What counts as a signature where flags say whom to believe: the attestations that build services make."""


@spread
def artifact(
    *,
    artifacts: tuple[str, ...] = argument(
        "FILE...", "Any files, or their digests (sha256:HEX, sha512:HEX, npm's sha512-BASE64).", default=(), least=1
    ),
    trust: Trust,
    refresh_trust: bool = option("--refresh-trust", "Fetch the Sigstore root by TUF first.", default=False),
    github: GitHub,
    provenance: ProvenanceDemands,
    checksums: Checksums,
    asked: Judging,
    asking: Asking,
) -> int:
    """Verify any file. Judges who signed it, who built it from what, and that its version does not go back."""
    known = (*trust.files(), *map(Path, asked.artifact.attestation))
    wanted = Wanted(
        kind="artifact",
        source=references.file_or_digest,
        demands=(github, provenance),
        counted=_COUNTED,
        refresh=refresh_trust,
        beside=lambda typed: checksums.beside(typed, *known),
        for_one={"--listed": checksums.listed},
    )
    others = Others(groups=(github, provenance, checksums), flags={"--refresh-trust": refresh_trust})
    return ask_or_judge(artifacts, wanted, trust, asked, asking, others)
