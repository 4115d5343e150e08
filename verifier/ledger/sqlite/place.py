"""Where a SQLite ledger lies: may it be believed there, and do its locks work?

* a file that somebody else may write to is refused, and a way to it on which somebody else may put anything in its
  place: an older ledger, or one that has seen nothing
* an empty file is `ledger.corrupt`: SQLite would take it for a new database, and history would begin again
* a network file system is a warning: SQLite's locks and its write-ahead log need shared memory
"""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import quote

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.files.place import exchanges

_NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs"}
    | {"lustre", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
FileIdentity = tuple[int, int]
"""Device and inode."""
_LOST = "One that was lost is restored: an empty one would accept older versions again."
_VANISHED = (
    "Put it back (its export: `verify ledger import`), then start again. Do not make an empty one in its place: older "
    "versions would be accepted again."
)
_MAX_MOUNTS_BYTES = 4 * 1024 * 1024


def resolve(path: Path) -> Path:
    """The file that `path` leads to, in a folder that only its owner and group may change; `Refused` otherwise."""
    try:
        resolved = path.resolve()
        mode = resolved.parent.stat().st_mode
    except FileNotFoundError as error:
        raise missing(path, "there is no ledger here, nor its folder") from error
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle; a null byte
        raise refuse("ledger.unavailable", str(path), f"its folder cannot be used: {error}") from error
    if not stat.S_ISDIR(mode):
        raise refuse("ledger.unavailable", str(path), f"{resolved.parent} is not a folder")
    if mode & stat.S_IWOTH:
        message = f"everyone may write to its folder {resolved.parent} (mode {stat.S_IMODE(mode):04o})"
        raise refuse(
            "ledger.unavailable", str(path), message, hint="Keep the ledger in a folder of its own, mode 0700."
        )
    _require_ours(path)
    return resolved


def _require_ours(path: Path) -> None:
    """Refuse a way that somebody else can change: an older ledger, or an empty one, would be put there."""
    for found in exchanges(path, alone=True):
        hint = "Keep it in a folder of this user's own (mode 0700), below folders of this user or of root."
        raise refuse("ledger.unavailable", str(path), f"{found}: not the way to a ledger", hint=hint)


def missing(path: Path, message: str) -> Refused:
    """The refusal where nothing is: it was never made, or is called otherwise, or was lost."""
    from shlex import quote as quoted  # noqa: PLC0415 - only for who is told what to type

    url = quoted(f"sqlite:{'//' if path.is_absolute() else ''}{quote(str(path))}")
    hint = f"Name the right one; or make it, once: `verify ledger init --ledger {url}`. {_LOST}"
    return refuse("ledger.unavailable", str(path), message, hint=hint)


def require_file(path: Path, named: Path | None = None) -> FileIdentity:
    """Refuse what is missing, not a regular file, empty, or everyone's to write to; `named` is how it was called."""
    try:
        found = path.lstat()
    except FileNotFoundError as error:
        raise missing(named or path, "there is no ledger here") from error
    except OSError as error:
        raise refuse("ledger.unavailable", str(path), f"it cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        hint = "Name the ledger's file, as in --ledger sqlite:ledger.db."
        raise refuse("ledger.unavailable", str(path), "it is not a regular file", hint=hint)
    if found.st_mode & stat.S_IWOTH:
        message = f"everyone may write to it (mode {stat.S_IMODE(found.st_mode):04o}, expected 0600)"
        raise refuse(
            "ledger.unavailable",
            str(path),
            message,
            hint="See whether it is whole (`verify ledger check`), then chmod 600.",
        )
    if found.st_size == 0:
        raise refuse("ledger.corrupt", str(path), "the file is empty, which no ledger is")
    return found.st_dev, found.st_ino


def require_same_file(path: Path, opened: FileIdentity) -> None:
    """Refuse to go on with a file that is not the one at `path` any more: nobody else would see what is written."""
    try:
        found = path.stat()
    except OSError as error:
        message = f"it is not there any more: {error.strerror}"
        raise refuse("ledger.unavailable", str(path), message, hint=_VANISHED) from error
    if (found.st_dev, found.st_ino) != opened:
        raise refuse("ledger.corrupt", str(path), "another file was put in its place while it was open")


def place_findings(path: Path, mounts: str | None = None) -> tuple[Reason, ...]:
    """What there is to warn of at `path`; `mounts` is the text of /proc/mounts."""
    kind = _file_system(path, _read_mounts() if mounts is None else mounts)
    if kind not in _NETWORK:
        return ()
    message = f"the ledger lies on a network file system ({kind}), where SQLite's locks cannot be relied on"
    return (Reason(code="ledger.network-filesystem", subject=str(path), message=message),)


def _file_system(path: Path, mounts: str) -> str:
    """The type of the file system that is mounted closest above `path`; "" where that is unknown."""
    folders = {str(folder) for folder in path.parents}
    longest, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # The kernel writes space, tab, newline and backslash as octal escapes.
        mounted = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        if mounted in folders and len(mounted) >= len(longest):
            longest, kind = mounted, fields[2]
    return kind


def _read_mounts() -> str:
    try:
        with Path("/proc/mounts").open("rb") as stream:
            return stream.read(_MAX_MOUNTS_BYTES).decode(errors="surrogateescape")
    except OSError:
        return ""  # not Linux: nothing is known, nothing is said
