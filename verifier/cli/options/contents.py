"""What may be signed, and what is let in beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.options.option import Group, option

if TYPE_CHECKING:
    from verifier.cli.options.signing import Signing
    from verifier.publish.leaks.look import Admission, Examined


class Contents(Group):
    """Private keys, credentials, version control and the like are refused, but for what is let in."""

    panel = "What is signed"
    include: tuple[str, ...] = option(
        "--include",
        "Let in what is refused as a secret or as no part of it: a path, a name or a folder, as in 'tests/*.pem';"
        " repeatable, and said in the output.",
        default=(),
        metavar="PATTERN",
    )

    def admission(self, signing: Signing) -> Admission:
        """What is let in; what `signing` names as a secret is refused wherever it lies."""
        from verifier.publish.leaks.look import Admission  # noqa: PLC0415 - its options are read without it

        return Admission(self.include, signing.secrets())

    def require_fit(self, *examined: Examined, admission: Admission) -> None:
        """Refuse to sign what must not be signed; say what was let in."""
        for each in examined:
            each.require_fit()
        admission.require_used()
        for each in examined:
            for warning in each.warnings():
                output.finding(warning)


def listed(examined: Examined) -> None:
    """Every file of what would be signed: digest, size, path, and why it is refused or that it is let in."""
    from verifier.reports.escape import printable  # noqa: PLC0415 - only for a list

    for entry in examined.entries:
        seen = ", ".join(f"{each.code}: {each}" for each in entry.sights)
        mark = f"  ({'let in' if entry.included else 'refused'}: {seen})" if seen else ""
        size = "" if entry.digest is None else str(entry.size)
        name = f"{entry.path}/" if entry.digest is None else entry.path
        output.line(printable(f"{entry.digest or '-'!s:<71} {size:>10}  {name}{mark}"))
