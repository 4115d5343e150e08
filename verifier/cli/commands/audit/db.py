"""`verify audit db`: make a database of records of vulnerabilities, bring it up to date, look at it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import Group, argument, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from verifier.audit.database.importing import Import, Imported

Style = Literal["text", "json"]

app = typer.Typer(
    help="Databases of records: made of what was fetched, and used without a network.", no_args_is_help=True
)

_DATABASE: Path = option("--db", "The database, one file.", metavar="FILE")


class Fetched(Group):
    """What a database is made of."""

    sources: tuple[Path, ...] = argument(
        "[SOURCE]...",
        "OSV records: a folder, a .zip as OSV exports one an ecosystem, .json or .yaml files.",
        default=(),
    )
    db: Path = _DATABASE
    skip_invalid: bool = option(
        "--skip-invalid",
        "Leave out records that are not sound: what they name is undecided from then on.",
        default=False,
    )
    kev: Path | None = option("--kev", "CISA's known exploited vulnerabilities (JSON).", default=None, metavar="FILE")
    epss: Path | None = option("--epss", "FIRST's probabilities (CSV, .gz).", default=None, metavar="FILE")
    now: str | None = NOW

    def made(self, how: Import) -> int:
        """Make a database of it; the exit status."""
        if not self.sources and self.kev is None and self.epss is None:
            raise ConfigurationError(
                "is missing: nothing is named to import", where="SOURCE", hint="Name a folder or a .zip."
            )
        moment = settings.now(self.now)
        try:
            imported = how(
                self.sources, self.db, now=moment, skip_invalid=self.skip_invalid, kev=self.kev, epss=self.epss
            )
        except Refused as refused:
            status = output.refusal(refused)
            unusable = all(each.code == "vulnerability.database-invalid" for each in refused.reasons)
            return status if unusable else output.EXIT_USAGE
        _tell(self.db, imported)
        return output.EXIT_ACCEPTED


@app.callback()
def db() -> None:
    """Databases of records of vulnerabilities: made of what was fetched, and used without a network."""


@app.command("import")
@spread
def import_(*, fetched: Fetched) -> int:
    """Make a database, all of it or nothing. One that is there is replaced; `update` keeps what is not named.

    \b
    verify audit db import PyPI/all.zip --db osv.db
    """
    from verifier.audit.database.importing import import_records  # noqa: PLC0415 - once it is clear what is asked

    return fetched.made(import_records)


@app.command("update")
@spread
def update(*, fetched: Fetched) -> int:
    """Replace the ecosystems that are named anew, and keep the rest. What is older than what is there is refused."""
    from verifier.audit.database.updating import update_records  # noqa: PLC0415 - as above

    return fetched.made(update_records)


@app.command("show")
@spread
def show(
    *,
    db: Path = _DATABASE,
    check: bool = option("--check", "Read every record again, and hold what is looked up by to them.", default=False),
    style: Style = option("--format", "How it is shown.", default="text"),
) -> int:
    """What a database is of: its date, digest, ecosystems, lists, and what was left out."""
    from verifier.audit.database.opening import open_database  # noqa: PLC0415 - as above
    from verifier.audit.database.shown import document, lines  # noqa: PLC0415 - as above

    with open_database(db) as database:
        if check:
            database.require_true()
        if style == "json":
            from verifier.formats.json.write import page  # noqa: PLC0415 - as above

            output.document(page(document(database)))
        else:
            for text in lines(database):
                output.line(text)
    return output.EXIT_ACCEPTED


def _tell(path: Path, imported: Imported) -> None:
    from verifier.audit.database.opening import open_database  # noqa: PLC0415 - as above
    from verifier.audit.database.shown import summary  # noqa: PLC0415 - as above

    for reason in imported.reasons:
        output.finding(reason)
    with open_database(path) as database:
        for text in summary(database, imported):
            output.hint(text)
