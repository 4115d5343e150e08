"""What `verify demo` plays: the example policies of this project, two releases of them, and five attacks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path

from verifier.core.clock import format_rfc3339
from verifier.core.errors import ConfigurationError

_RESOURCE = "https://bundles.acme.example/authz.tar.gz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One command of the demo, what happens before it, and how it must end."""

    title: str
    command: str
    exit_status: int
    codes: tuple[str, ...] = ()
    before: Callable[[], None] | None = None


def build_stage(folder: Path) -> None:
    """Lay out the sources of three releases, and the trust policy."""
    source = _example()
    for name, revision in (("source-1.0.0", "1.0.0"), ("source-1.1.0", "1.1.0"), ("rebuilt-1.1.0", "1.1.0")):
        shutil.copytree(source / "bundle", folder / name)
        manifest = {"revision": revision, "roots": ["authz", "roles"], "rego_version": 1}
        (folder / name / ".manifest").write_text(json.dumps(manifest))
    with (folder / "rebuilt-1.1.0" / "authz" / "policy.rego").open("a") as module:
        module.write('\nallow if input.user == "mallory"\n')
    shutil.copytree(source / "rego", folder / "rego")
    shutil.copy(source / "trust.toml", folder / "trust.toml")


def scenes(folder: Path) -> list[Step]:
    """The whole play, in order."""
    later = format_rfc3339(datetime.now(UTC).replace(microsecond=0) + timedelta(days=31))
    record = "--policy trust.toml --name authz --record"
    emit = f"--resource-uri {_RESOURCE} --verdict-out authz-1.1.0.vsa.json --signing-key keys/ci"
    judge = f"authz-1.1.0.vsa.json --policy trust.toml --subject authz-1.1.0.tar.gz --resource-uri {_RESOURCE}"
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
            command="sign bundle source-1.0.0 --key keys/release --keyid release --out authz-1.0.0.tar.gz",
        ),
        Step(
            title="Verify it, and remember it",
            command=f"bundle authz-1.0.0.tar.gz {record} --ledger-init",
            exit_status=0,
        ),
        Step(
            title="Sign release 1.1.0",
            exit_status=0,
            command="sign bundle source-1.1.0 --key keys/release --keyid release --out authz-1.1.0.tar.gz",
        ),
        Step(
            title="Verify it, remember it, and say so in a signed verdict",
            command=f"bundle authz-1.1.0.tar.gz {record} {emit}",
            exit_status=0,
        ),
        Step(title="The runtime trusts the verdict", command=f"verdict {judge}", exit_status=0),
        Step(
            title="ATTACK: someone edits a file of the signed bundle",
            command=f"bundle tampered.tar.gz {record}",
            exit_status=1,
            codes=("digest.mismatch",),
            before=partial(_tamper, folder),
        ),
        Step(
            title="ATTACK: a mirror replays the older, validly signed release (OPA would load it)",
            command=f"bundle authz-1.0.0.tar.gz {record}",
            exit_status=1,
            codes=("version.rollback",),
        ),
        Step(
            title="Someone with the release key rebuilds 1.1.0 with other content",
            exit_status=0,
            command="sign bundle rebuilt-1.1.0 --key keys/release --keyid release --out other-1.1.0.tar.gz",
        ),
        Step(
            title="ATTACK: the same version, other content",
            command=f"bundle other-1.1.0.tar.gz {record}",
            exit_status=1,
            codes=("version.equivocation",),
        ),
        Step(
            title="ATTACK: a verdict, used after it has expired",
            command=f"verdict {judge} --now {later}",
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


def _tamper(folder: Path) -> None:
    """Change one byte of one policy, and pack the archive again as anyone can."""
    from verifier.artifacts.archive import read_archive  # noqa: PLC0415
    from verifier.artifacts.pack import replace_member  # noqa: PLC0415
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.core.reading import ReadingMode  # noqa: PLC0415

    content = (folder / "authz-1.1.0.tar.gz").read_bytes()
    archive = read_archive(content, limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="demo")
    member = next(member for member in archive.members if member.path.endswith("policy.rego"))
    changed = bytes(member.content).replace(b"default allow := false", b"default allow := true ")
    (folder / "tampered.tar.gz").write_bytes(replace_member(archive, member.path, changed))


def _example() -> Path:
    """The project's example policies: inside the installed package, or beside it in a checkout."""
    packaged = Path(str(resources.files("verifier"))) / "example"
    beside = packaged.parent.parent / "policies"
    for candidate in (packaged, beside):
        if (candidate / "trust.toml").is_file():
            return candidate
    raise ConfigurationError("the example policies are missing from this installation", where="verify demo")
