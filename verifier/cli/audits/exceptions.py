"""Options for what does not count: the file of exceptions, and VEX documents."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.verdict import Input

if TYPE_CHECKING:
    from verifier.audit.exceptions.model import Exceptions, NamedVex, VexInput

_LONGEST_DAYS = 3_650


class AuditExceptions(Group):
    """Who has decided what about findings. Neither file is asked for a signature: both are the word of whoever runs
    the audit."""

    panel = "What does not count"
    exceptions: Path | None = option(
        "--exceptions", "A file of exceptions, each with an owner and an end (TOML).", default=None, metavar="FILE"
    )
    vex: tuple[str, ...] = option(
        "--vex",
        "OpenVEX or CycloneDX: what it says is not affected or fixed does not count. Its signature is not asked for: "
        "give your own, or one that was verified; repeatable.",
        default=(),
        metavar="FILE",
    )
    max_exception_days: int = option(
        "--max-exception-days",
        "How long an exception may last, and a VEX statement after its timestamp.",
        default=365,
        least=1,
        most=_LONGEST_DAYS,
    )

    def decided(self, now: datetime) -> Exceptions:
        """The exceptions, as of `now`; raises `ConfigurationError` at the line of what is wrong."""
        from verifier.audit.exceptions.model import Exceptions  # noqa: PLC0415 - once it is clear what is asked

        if self.exceptions is None:
            return Exceptions()
        from verifier.audit.exceptions.reading import MAX_BYTES, read_exceptions  # noqa: PLC0415 - as above
        from verifier.cli.inputs import read_key  # noqa: PLC0415 - as above

        content = read_key(self.exceptions, where="--exceptions", limit=MAX_BYTES)
        return read_exceptions(content, where=str(self.exceptions), now=now, max_days=self.max_exception_days)

    def stated(self, edges: tuple[tuple[str, str], ...] = ()) -> VexInput:
        """The VEX documents; raises `ConfigurationError` where one cannot be read. `edges` are purls of what needs
        something, with those of what it needs."""
        from verifier.audit.exceptions.model import VexInput  # noqa: PLC0415 - as above

        documents = tuple(map(_read, dict.fromkeys(self.vex)))
        return VexInput(documents=documents, max_days=self.max_exception_days, edges=edges)


def inputs_of(exceptions: Exceptions, vex: VexInput) -> tuple[Input, ...]:
    """What a report names as judged by: the file of exceptions, and each VEX document."""
    file = () if exceptions.digest is None else (Input(kind="exceptions", digest=exceptions.digest),)
    return (*file, *(Input(kind="vex", digest=each.document.digest) for each in vex.documents))


def _read(name: str) -> NamedVex:
    from verifier.audit.exceptions.model import NamedVex  # noqa: PLC0415 - only where one is given
    from verifier.cli.inputs import read_key  # noqa: PLC0415 - as above
    from verifier.core.limits import MAX_DOCUMENT_BYTES  # noqa: PLC0415 - as above
    from verifier.sbom.vex.reading import read_vex  # noqa: PLC0415 - as above

    content = read_key(Path(name), where="--vex", limit=MAX_DOCUMENT_BYTES)
    try:
        return NamedVex(name=name, document=read_vex(content, subject=name))
    except Refused as refusal:
        reason = refusal.reasons[0]
        raise ConfigurationError(
            f"{name}: {reason.message}", where="--vex", hint=reason.hint, code=reason.code
        ) from refusal
