"""`verify audit db`: make a database of records of vulnerabilities, bring it up to date, look at it."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import output
from verifier.cli.audits.fetched import DATABASE, Fetched
from verifier.cli.options.option import option
from verifier.cli.spread import spread
from verifier.cli.typed.command import App

app = App("Databases of records: made of what was fetched, and used without a network.")


@app.callback()
def db() -> None:
    """Databases of records of vulnerabilities: made of what was fetched, and used without a network."""


@app.command("import")
@spread
def import_(*, fetched: Fetched) -> int:
    """Make a database, all of it or nothing. One that is there is replaced; `update` keeps what is not named."""
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
    db: Path = DATABASE,
    check: bool = option("--check", "Read every record again, and hold what is looked up by to them.", default=False),
    style: str = option("--format", "How it is shown.", default="text", words=("text", "json")),
) -> int:
    """What a database is of: its date, digest, ecosystems, lists, and what was left out."""
    from verifier.audit.database.opening import open_database  # noqa: PLC0415 - as above
    from verifier.cli.audits.database import document, lines  # noqa: PLC0415 - as above

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
