"""GitLab's report of code quality: a JSON array of issues, which a merge request shows beside those of its target.

* an issue is known by its fingerprint, which is one of its own: GitLab shows the first of two that share one
* a path is relative to the root of the repository, and does not begin with "./"

Source: https://docs.gitlab.com/ci/testing/code_quality/, "Code Quality report format".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from verifier.formats.bom.unwritable import without_halves
from verifier.formats.json.write import line
from verifier.reports.media.escaping import in_json, plain

Issue = dict[str, Any]
Severity = Literal["blocker", "critical", "major", "minor", "info"]
NOWHERE: Final = "."


def issue(code: str, text: str, severity: Severity, fingerprint: str, file: str, at: int = 1) -> Issue:
    """One issue; what is longer than a person reads is cut."""
    path = plain(file).lstrip("/").removeprefix("./") or NOWHERE
    return {
        "check_name": plain(code),
        "description": plain(text),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": max(1, at)}},
    }


def document(issues: Sequence[Issue]) -> str:
    """The array, an issue a line, printable ASCII only, ending in a newline."""
    body = ",\n".join(line(without_halves(each)).rstrip("\n") for each in issues)
    return in_json(f"[\n{body}\n]\n" if body else "[]\n")
