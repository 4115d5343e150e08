"""What `verify demo` plays: two releases of the example policies, and the attacks on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from verifier.cli.demo.stage import tamper
from verifier.core.clock import format_rfc3339
from verifier.core.value import Value

_RESOURCE = "https://bundles.acme.example/authz.tar.gz"
_SIGN = "--key keys/release --keyid release --name authz"
_RECORD = "--policy trust.toml --name authz --record"
_EMIT = f"--resource-uri {_RESOURCE} --verdict-out authz-1.1.0.vsa.json --signing-key keys/ci"
_JUDGE = (
    f"authz-1.1.0.vsa.json --name authz --policy trust.toml --subject authz-1.1.0.tar.gz --resource-uri {_RESOURCE}"
)


class Step(Value):
    """One command of the demo, what happens before it, and how it must end."""

    title: str
    command: str
    exit_status: int
    codes: tuple[str, ...] = ()
    before: Callable[[], None] | None = None


def scenes(folder: Path) -> list[Step]:
    """The whole play, in order."""
    return [*_releases(folder), *_attacks(folder)]


def _releases(folder: Path) -> list[Step]:
    """Two keys, two releases, and the verdict about the second."""
    return [
        Step(
            title="A release key",
            command="key generate keys/release --no-passphrase",
            exit_status=0,
            before=(folder / "keys").mkdir,
        ),
        Step(
            title="The verifier's own key, for its verdicts",
            command="key generate keys/ci --no-passphrase",
            exit_status=0,
        ),
        Step(title="Whom do we trust, and about what?", command="trust check trust.toml", exit_status=0),
        Step(
            title="Sign release 1.0.0, as `opa sign` would",
            exit_status=0,
            command=f"sign bundle source-1.0.0 {_SIGN} --out authz-1.0.0.tar.gz",
        ),
        Step(
            title="Verify it, and remember it",
            command=f"bundle authz-1.0.0.tar.gz {_RECORD} --ledger-init",
            exit_status=0,
        ),
        Step(
            title="Sign release 1.1.0",
            exit_status=0,
            command=f"sign bundle source-1.1.0 {_SIGN} --out authz-1.1.0.tar.gz",
        ),
        Step(
            title="Verify it, remember it, and say so in a signed verdict",
            command=f"bundle authz-1.1.0.tar.gz {_RECORD} {_EMIT}",
            exit_status=0,
        ),
        Step(title="The runtime trusts the verdict", command=f"verdict {_JUDGE}", exit_status=0),
    ]


def _attacks(folder: Path) -> list[Step]:
    """What the signature alone does not stop, and what is kept of it."""
    later = format_rfc3339(datetime.now(UTC).replace(microsecond=0) + timedelta(days=31))
    return [
        Step(
            title="ATTACK: someone edits a file of the signed bundle",
            command=f"bundle tampered.tar.gz {_RECORD}",
            exit_status=1,
            codes=("digest.mismatch",),
            before=partial(tamper, folder),
        ),
        Step(
            title="ATTACK: a mirror replays the older, validly signed release (OPA would load it)",
            command=f"bundle authz-1.0.0.tar.gz {_RECORD}",
            exit_status=1,
            codes=("version.rollback",),
        ),
        Step(
            title="Someone with the release key rebuilds 1.1.0 with other content",
            exit_status=0,
            command=f"sign bundle rebuilt-1.1.0 {_SIGN} --out other-1.1.0.tar.gz",
        ),
        Step(
            title="ATTACK: the same version, other content",
            command=f"bundle other-1.1.0.tar.gz {_RECORD}",
            exit_status=1,
            codes=("version.equivocation",),
        ),
        Step(
            title="ATTACK: a verdict, used after it has expired",
            command=f"verdict {_JUDGE} --now {later}",
            exit_status=1,
            codes=("verdict.expired",),
        ),
        Step(
            title="What was accepted and what was denied",
            command="ledger history bundle:authz",
            exit_status=0,
            codes=("version.rollback", "version.equivocation"),
        ),
    ]
