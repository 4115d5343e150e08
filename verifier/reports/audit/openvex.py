"""An audit as an OpenVEX document: `reports.audit.statements` in the form of `formats.openvex.writing`.

* a finding is `affected`, `not_affected` with its justification, or `under_investigation`
* where nobody knows, there is a statement that says so; where there is nothing to state the list is empty, which
  OpenVEX has no place for: readers that refuse it are right, it says nothing
"""

from __future__ import annotations

from verifier.formats.audit.result import AuditResult
from verifier.formats.openvex.writing import openvex
from verifier.reports.audit.statements import statements_of
from verifier.reports.audit.tally import tally_of
from verifier.reports.media.escaping import in_json
from verifier.reports.table import PLAIN, Screen


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One document, printable ASCII only, ending in a newline."""
    return in_json(openvex(statements_of(result, tally_of(result)), timestamp=result.now))
