"""GitLab's report of code quality: a JSON array of issues, which a merge request shows beside those of its target.

* an issue is known by its fingerprint, which is one of its own: GitLab shows the first of two that share one
* a path is relative to the root of the repository, and does not begin with "./"

Source: https://docs.gitlab.com/ci/testing/code_quality/, "Code Quality report format"; GitLab's own schema of an issue,
fixtures/schemas/gitlab-codeclimate.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from verifier.formats.bom.unwritable import without_halves
from verifier.formats.json.write import page
from verifier.reports.media.escaping import in_json, plain

Severity = Literal["blocker", "critical", "major", "minor", "info"]
NOWHERE: Final = "."


def issue(code: str, text: str, severity: Severity, fingerprint: str, file: str, line: int = 1) -> dict[str, Any]:
    """One issue; what is longer than a person reads is cut."""
    path = plain(file).lstrip("/").removeprefix("./") or NOWHERE
    return {
        "check_name": plain(code),
        "description": plain(text),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": max(1, line)}},
    }


def document(issues: Sequence[dict[str, Any]]) -> str:
    """The array, printable ASCII only, ending in a newline."""
    return in_json(page(without_halves(list(issues))))
