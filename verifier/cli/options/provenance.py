"""Options that say how an artifact must have been built, each defined once."""

from __future__ import annotations

from typing import Annotated

import typer

_BUILD = "How it must have been built"

AttestationTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--attestation-type", help="Predicate type that counts as a signature; repeatable.", rich_help_panel=_BUILD
    ),
]
BuilderId = Annotated[
    str | None,
    typer.Option("--builder-id", help="SLSA builder that must have built it, or a glob.", rich_help_panel=_BUILD),
]
BuildLevel = Annotated[
    int,
    typer.Option(
        "--build-level", min=1, max=3, help="SLSA level that the builder is believed up to.", rich_help_panel=_BUILD
    ),
]
SourceUri = Annotated[
    str | None,
    typer.Option(
        "--source-uri", help="Repository it must be built from, as in git+https://...", rich_help_panel=_BUILD
    ),
]
SourceRef = Annotated[
    str | None,
    typer.Option("--source-ref", help="Ref it must be built from, or a glob.", rich_help_panel=_BUILD),
]
IgnoreParameters = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore-parameter", help="External parameter that may have any value; repeatable.", rich_help_panel=_BUILD
    ),
]
