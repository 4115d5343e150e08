"""`verify inspect`: look at something before trusting it."""

from __future__ import annotations

from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread


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
    from verifier.cli.inspecting.looking import look_at  # noqa: PLC0415 - as above

    answer = Answer.asked(style, further, reference, every=every)
    return answer.told(look_at(reference))
