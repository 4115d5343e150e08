"""`verify inspect`: look at something before trusting it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread

if TYPE_CHECKING:
    from verifier.inspecting.inspected import Inspected
    from verifier.net.access import Access

_LOCAL = ("oci-layout:", "oci-archive:", "docker-archive:")


@spread
def inspect(
    *,
    reference: str = argument(
        "REF",
        "A file, a folder, - (standard input), https://..., oci://..., registry/repository:tag, oci-layout:DIR, "
        "oci-archive:FILE or docker-archive:FILE.",
    ),
    style: str = option("--format", "How it is shown.", default="text", words=("text", "json")),
    further: tuple[str, ...] = option(
        "--output", "One more report, as in json=seen.json; repeatable.", default=(), metavar="FORMAT=FILE"
    ),
    every: bool = option("--all", "Show whole lists.", default=False),
) -> int:
    """Look before trusting: what it is, what is in it, and who claims to have signed it. Verifies nothing, and needs no
    key; the last line is the command that would verify it."""
    from verifier.cli.inspecting.answer import Answer  # noqa: PLC0415 - once the command line is right

    answer = Answer.asked(style, further, reference, every=every)
    return answer.told(_seen(reference))


def _seen(reference: str) -> Inspected:
    from verifier.inspecting.inspect import inspect as look  # noqa: PLC0415 - once there is something

    if reference == "-":
        from verifier.cli.inspecting.standard_input import read_standard_input  # noqa: PLC0415 - as above

        return look(read_standard_input(), name="standard input")
    return look(reference, access=_access(reference))


def _access(reference: str) -> Access | None:
    """How what is elsewhere is reached from here; None for what is not."""
    if reference.startswith(_LOCAL) or Path(reference).exists():
        return None
    if reference.startswith(("https://", "http://")):
        from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
        from verifier.net.access import Access  # noqa: PLC0415 - as above

        return Access(network=network())
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only where there is a registry

    return reference_access(reference)
