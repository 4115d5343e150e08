"""pip-audit, in a process of its own: importing it takes a second and runs `python -m pip`, and nobody here does.

* it has hard limits and an end (`rego.children`), an environment of what the caller names, and a folder that is gone
  afterwards: nothing that it was answered is kept
* what it wrote is read line by line, strictly; a line that is no answer, or an end that it did not come to, is a
  failure of all that was asked
"""

from __future__ import annotations

import site
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.text.extras import how_to_install
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.write import compact
from verifier.rego.children.child import Command, Ended, Limits, run_child

_CHILD: Final = str(Path(__file__).with_name("child.py"))
_CANNOT: Final = {77: "the pip-audit that is installed is not one of 2.10", 78: "pip-audit is not installed"}
"""By exit status, why the child has read nothing."""
_SEARCHED: Final = "/usr/local/bin:/usr/bin:/bin"
_STARTS_S: Final = 10.0
"""Seconds that are granted for importing pip-audit, beside what its work may take."""
_FILE_BYTES: Final = 512 * 1024 * 1024


class Replies(Value):
    """The lines of a child, as they came, and why there are no more of them; None where those are all."""

    lines: tuple[dict[str, Any], ...] = field(repr=False)
    problem: Reason | None


class PipAudit(Value):
    """The pip-audit of the interpreter `python`; `environment` is what it may know of the network.

    Of the environment, variables of pip (PIP_…), proxies and authorities (REQUESTS_CA_BUNDLE) make sense. It may take
    `starts_s` seconds to start, beside what its work may take.
    """

    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    starts_s: float = _STARTS_S

    def run(self, request: Mapping[str, Any], *, whole_s: float, subject: str) -> Replies:
        """What it answered to `request`, within `whole_s` seconds. `subject` is whom it asks."""
        with TemporaryDirectory(prefix="verifier-audit-") as folder:
            return self.run_in(Path(folder), request, whole_s=whole_s, subject=subject)

    def run_in(self, folder: Path, request: Mapping[str, Any], *, whole_s: float, subject: str) -> Replies:
        """`run`, in a folder that the caller has made."""
        for each in ("home", "cache"):
            (folder / each).mkdir()
        asked = {**request, "cache": str(folder / "cache"), "whole_s": whole_s}
        command = Command(
            arguments=(self.python, "-P", "-B", _CHILD),
            limits=Limits(cpu_s=int(whole_s) + 60, files=512, file_bytes=_FILE_BYTES),
            folder=folder,
            environment={**self._known(folder), **self.environment},
        )
        ended = run_child(command, request=compact(asked).encode(), timeout_s=whole_s + self.starts_s)
        return _replies(ended, subject)

    def _known(self, folder: Path) -> dict[str, str]:
        home = str(folder / "home")
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_CONFIG_FILE": "/dev/null"}
        # What was installed with `pip install --user` lies below a home that is none here.
        users = {"PYTHONUSERBASE": str(site.USER_BASE)} if site.ENABLE_USER_SITE and site.USER_BASE else {}
        return {"HOME": home, "TMPDIR": home, "PATH": _SEARCHED, "LANG": "C.UTF-8", **users, **quiet}


def _replies(ended: Ended, subject: str) -> Replies:
    if ended.status in _CANNOT:
        return Replies(lines=(), problem=_problem(subject, _CANNOT[ended.status], how_to_install("audit")))
    lines: list[dict[str, Any]] = []
    for each in ended.output.split(b"\n")[:-1]:
        line = _line(each, subject)
        if line is None:
            return Replies(lines=tuple(lines), problem=_problem(subject, "what pip-audit was answered is no JSON"))
        if line == {"end": True}:
            return Replies(lines=tuple(lines), problem=None)
        lines.append(line)
    said = ended.errors.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
    message = f"pip-audit {ended.how}" + (f": {said}" if said else "")
    return Replies(lines=tuple(lines), problem=_problem(subject, message))


def _line(line: bytes, subject: str) -> dict[str, Any] | None:
    try:
        value = strict_json.loads(line, subject=subject)
    except Refused:
        return None
    return value if isinstance(value, dict) else None


def _problem(subject: str, message: str, hint: str = "") -> Reason:
    return Reason(code="vulnerability.source-unavailable", subject=subject, message=message, hint=hint)
