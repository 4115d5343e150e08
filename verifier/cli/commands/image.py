"""`verify image`: verify a container image, or an index of several."""

from __future__ import annotations

from verifier.cli.judging.asked import Judging
from verifier.cli.judging.judge import judge
from verifier.cli.judging.wanted import Wanted
from verifier.cli.options.demands.github import GitHub
from verifier.cli.options.demands.image import ImageDemands
from verifier.cli.options.demands.provenance import ProvenanceDemands
from verifier.cli.options.option import argument, option
from verifier.cli.options.trust import Trust
from verifier.cli.registries import images
from verifier.cli.spread import spread


@spread
def image(
    *,
    artifacts: tuple[str, ...] = argument(
        "REF...",
        "registry/repository:tag or @sha256:..., oci-layout:DIR[:TAG], oci-archive:FILE, docker-archive:FILE.",
        default=(),
        least=1,
    ),
    trust: Trust,
    refresh_trust: bool = option("--refresh-trust", "Fetch the Sigstore root by TUF first.", default=False),
    github: GitHub,
    provenance: ProvenanceDemands,
    of_it: ImageDemands,
    asked: Judging,
) -> int:
    """Verify a container image. Judges who signed it, who built it, what is in it, and that its version and its tag do
    not go back."""
    wanted = Wanted(
        kind="image",
        source=images.image,
        demands=(github, provenance),
        refresh=refresh_trust,
        image=of_it.wish,
        for_one={"--index": of_it.index},
    )
    return judge(artifacts, wanted, trust, asked)
