"""Options that say by whose records an audit judges: a database of this machine."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option, refuse_without
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value

if TYPE_CHECKING:
    from datetime import timedelta

    from verifier.audit.database.opening import Database


class Opened(Value):
    """The database, None where it cannot be used, and what is said of it."""

    database: Database | None = None
    reasons: tuple[Reason, ...] = ()


class Records(Group):
    """Whose records count."""

    panel = "Records"
    db: Path | None = option(
        "--db", "A database of records (`verify audit db import`). With it alone no network is used.", default=None
    )
    max_age: str | None = option(
        "--max-age", "How old its newest record may be, as in 7d, 12h (default: 7d).", default=None, metavar="AGE"
    )

    def age(self) -> timedelta:
        """How old the records may be; raises `ConfigurationError`."""
        from verifier.cli.inputs import duration  # noqa: PLC0415 - as above
        from verifier.formats.audit.database import MAX_AGE  # noqa: PLC0415 - once there is an audit

        if self.db is None:
            refuse_without("--db", {"--max-age": self.max_age})
        return MAX_AGE if self.max_age is None else duration(self.max_age, where="--max-age")

    def opened(self, now: datetime, asked: Collection[str]) -> Opened:
        """The database with what its age comes to for these ecosystems (purl types); what cannot be used is among the
        reasons."""
        from verifier.audit.database.age import judged_age  # noqa: PLC0415 - once there is an audit
        from verifier.audit.database.opening import open_database  # noqa: PLC0415 - as above

        age = self.age()
        if self.db is None:
            return Opened()
        try:
            database = open_database(self.db)
        except Refused as refusal:
            return Opened(reasons=refusal.reasons)
        return Opened(database=database, reasons=judged_age(database.info, now, age, asked))
