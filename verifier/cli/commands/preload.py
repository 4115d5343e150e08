"""The options of `verify preload`, for whoever asks for help or mistypes one; `preload` does the work."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.options import shared as o
from verifier.cli.preload.decide import Choices, decide


class Fallback(StrEnum):
    """What becomes of an artifact without a usable verdict."""

    DENY = "deny"
    FULL = "full"


def preload(
    artifact: Annotated[Path, typer.Argument(metavar="ARTIFACT", help="The bundle that is to be loaded.")],
    verdict: Annotated[
        Path, typer.Option("--verdict", metavar="FILE", help="A trusted verifier's verdict (VSA) about it.")
    ],
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="Trust policy (TOML), the one the verdict is made under.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name in the policy (default: the file's).")] = None,
    resource_uri: Annotated[
        str | None,
        typer.Option("--resource-uri", help="Where it is fetched from (default: the policy's, else the file)."),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option("--level", metavar="LEVEL", help="A level it must have, as in SLSA_BUILD_LEVEL_2; repeatable."),
    ] = None,
    ledger: o.LedgerUrl = None,
    record: Annotated[bool, typer.Option("--record/--no-record", help="Advance the ledger, or only ask it.")] = True,
    fallback: Annotated[
        Fallback, typer.Option("--fallback", help="Without a usable verdict: deny, or verify in full.")
    ] = Fallback.DENY,
    attestation: Annotated[
        list[str] | None,
        typer.Option("--attestation", metavar="FILE", help="With --fallback full: attestations beside it; repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="Write the verified bytes here, whole or not at all.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option("--cache", metavar="DIR", help="Remember there what was found and accepted; made where missing."),
    ] = None,
    style: o.Style = o.Format.TEXT,
    now: o.Now = None,
    correlation_id: o.CorrelationId = None,
) -> int:
    """Decide whether a bundle may be loaded now, by the verdict that CI made, and write the verified bytes."""
    return decide(
        Choices(
            artifact=artifact,
            verdict=verdict,
            policy=policy,
            name=name,
            resource_uri=resource_uri,
            level=tuple(level or ()),
            ledger=ledger,
            record=record,
            fallback=fallback.value,
            attestation=tuple(attestation or ()),
            out=out,
            cache=cache,
            style=style.value,
            now=now,
            correlation_id=correlation_id,
        )
    )
