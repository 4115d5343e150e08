"""The formats that an audit is reported in: each is a file beside this one, and a row here.

* a run loads the one format that it was asked for
* every format says what decides, the numbers, the database's digest and date, and what nobody knows
* the same result makes the same bytes; every text is escaped for the medium that it goes to
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from verifier.formats.audit.result import AuditResult
from verifier.reports.table import Screen

AUDIT_REPORTS: Mapping[str, str] = MappingProxyType(
    {
        "text": "terminal",
        "json": "json",
        "sarif": "sarif",
        "markdown": "markdown",
        "github": "github",
        "gitlab": "gitlab",
        "junit": "junit",
        "cyclonedx-vex": "cyclonedx_vex",
        "openvex": "openvex",
        "html": ".html.audits",
    }
)
"""The module with the `render` of each format, seen from this folder, by the name that the format has on the command
line."""
RenderAudit = Callable[[AuditResult, Screen], str]
"""What a format's module has under the name `render`: the whole report, ending in a newline."""


def renderer(name: str) -> RenderAudit:
    """What writes reports in the format `name`; raises `KeyError` where there is no such format."""
    render: RenderAudit = import_module(f".{AUDIT_REPORTS[name]}", __package__).render
    return render
