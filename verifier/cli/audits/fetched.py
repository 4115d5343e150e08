"""What a database of records is made of, as it is typed; for `verify audit db import` and `update`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import Group, argument, option
from verifier.cli.progress.line import told
from verifier.cli.running.dry_run import DryRun
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from verifier.audit.database.importing import Import, Imported

DATABASE: Path = option("--db", "The database, one file.", metavar="FILE")


class Fetched(Group):
    """What a database is made of."""

    sources: tuple[Path, ...] = argument(
        "[SOURCE]...",
        "OSV records: a folder, a .zip as OSV exports one an ecosystem, .json or .yaml files.",
        default=(),
    )
    db: Path = DATABASE
    skip_invalid: bool = option(
        "--skip-invalid",
        "Leave out records that are not sound: what they name is undecided from then on.",
        default=False,
    )
    kev: Path | None = option("--kev", "CISA's known exploited vulnerabilities (JSON).", default=None, metavar="FILE")
    epss: Path | None = option("--epss", "FIRST's probabilities (CSV, .gz).", default=None, metavar="FILE")
    now: str | None = NOW
    dry: DryRun

    def made(self, how: Import) -> int:
        """Make a database of it; the exit status."""
        if not self.sources and self.kev is None and self.epss is None:
            raise ConfigurationError(
                "is missing: nothing is named to import", where="SOURCE", hint="Name a folder or a .zip."
            )
        moment = settings.now(self.now)
        with self._place() as place:
            try:
                imported = how(
                    self.sources,
                    place,
                    now=moment,
                    skip_invalid=self.skip_invalid,
                    kev=self.kev,
                    epss=self.epss,
                    told=told(),
                )
            except Refused as refused:
                status = output.refusal(refused)
                unusable = all(each.code == "vulnerability.database-invalid" for each in refused.reasons)
                return status if unusable else output.EXIT_USAGE
            self._tell(place, imported, moment)
        return output.EXIT_ACCEPTED

    @contextmanager
    def _place(self) -> Iterator[Path]:
        """Where it is made: in a dry run beside nothing, of a copy of what is there."""
        if not self.dry.dry_run:
            yield self.db
            return
        from shutil import copyfile  # noqa: PLC0415 - only for a dry run
        from tempfile import TemporaryDirectory  # noqa: PLC0415 - as above

        with TemporaryDirectory() as folder:
            place = Path(folder) / (self.db.name or "db")
            if self.db.is_file():
                copyfile(self.db, place)
                place.chmod(0o600)
            yield place

    def _tell(self, path: Path, imported: Imported, now: datetime) -> None:
        from verifier.audit.database.age import judged_age  # noqa: PLC0415 - as above
        from verifier.audit.database.opening import open_database  # noqa: PLC0415 - as above
        from verifier.cli.audits.database import summary  # noqa: PLC0415 - as above

        for reason in imported.reasons:
            output.finding(reason)
        with open_database(path) as database:
            for reason in judged_age(database.info, now):
                output.finding(reason.as_warning())
            for text in summary(database, imported, self.db, dry_run=self.dry.dry_run):
                output.hint(text)
        self.dry.said()
