"""`verify report`: show again what was decided before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.cli import output
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.rendering.rendered import Rendered
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.cli.rendering.gathered import Gathered
    from verifier.formats.bom.component import Component
    from verifier.formats.verdict.dossier import Happened


@spread
def report(
    *,
    files: tuple[str, ...] = argument(
        "FILE...",
        "A report or an audit (--format json); beside it an SBOM, an export of a ledger.",
        default=(),
        least=1,
    ),
    before: Path | None = option(
        "--before", "The SBOM of the version accepted last: what changed since is shown.", default=None, metavar="FILE"
    ),
    ledger: str | None = option(
        "--ledger", "Show the history of its scope, of this ledger: sqlite:PATH.", default=None
    ),
    rendered: Rendered,
) -> int:
    """Show a report again, in any format. Nothing is verified: an unsigned report is as true as where it comes from.

    Exit status: the report's own, as when it was made; 2 for what is no report.
    """
    from verifier.cli.rendering.gathered import Gathered  # noqa: PLC0415 - once the command line is right
    from verifier.formats.verdict.dossier import Dossier  # noqa: PLC0415 - as above

    paths = tuple(map(Path, files))
    places = outputs(rendered, file=paths, _before=before, _ledger=ledger)
    gathered = Gathered()
    for path in paths:
        gathered.take(path)
    if not gathered.verdicts and gathered.audit is None:
        hint = "Name the report too, as `verify bundle REF --format json` writes it."
        raise ConfigurationError("holds no verdict and no audit: nothing is there to show", where="FILE", hint=hint)
    output.hint("verify: nothing is verified again: this is what the file says, and nobody has signed it")
    if not gathered.verdicts and gathered.audit is not None:
        _require_no_more(gathered, before, ledger)
        return rendered.audit(gathered.audit, places)
    return rendered.verdicts(Dossier(**_known(gathered, before, ledger)), places)


def _require_no_more(gathered: Gathered, before: Path | None, ledger: str | None) -> None:
    """Refuse, beside an audit alone, what is shown of an artifact."""
    more = {"--before": before, "--ledger": ledger, "FILE": gathered.components or gathered.export}
    for where, given in more.items():
        if given is not None:
            message = "is shown of an artifact, and the audit is of dependencies alone"
            raise ConfigurationError(message, where=where, hint="Name the report of the artifact too.")


def _known(gathered: Gathered, before: Path | None, ledger: str | None) -> dict[str, Any]:
    """The fields of the dossier."""
    return {
        "verdicts": tuple(gathered.verdicts),
        "references": tuple(gathered.references),
        "history": _history(gathered, ledger),
        "components": gathered.components,
        "components_before": None if before is None else _components(gathered, before),
        "audit": gathered.audit,
        "retold": True,
    }


def _components(gathered: Gathered, before: Path) -> tuple[Component, ...]:
    from verifier.cli.rendering.gathered import components_in  # noqa: PLC0415 - only where it is asked for

    if gathered.components is None:
        message = "is compared with the SBOM of the artifact, and none is named"
        raise ConfigurationError(message, where="--before", hint="Name that SBOM beside the report, as FILE.")
    return components_in(before)


def _history(gathered: Gathered, ledger: str | None) -> tuple[Happened, ...]:
    """The history of the first verdict's scope: of the export, or of the ledger; what is named has to be readable."""
    from verifier.cli.reporting.beside import NEWEST, happened  # noqa: PLC0415 - only where there is one

    subject, trace = gathered.verdicts[0].subject, gathered.verdicts[0].ledger
    scope = f"{subject.kind}:{subject.name}" if trace is None else trace.scope
    if gathered.export is not None:
        from verifier.cli.rendering.export import exported  # noqa: PLC0415 - as above

        return happened(exported(gathered.export, scope, NEWEST))
    if ledger is None:
        return ()
    from verifier.cli.stores import existing  # noqa: PLC0415 - as above
    from verifier.ledger.history import history  # noqa: PLC0415 - as above

    with existing(ledger) as store:
        return happened(history(store, scope, limit=NEWEST))
