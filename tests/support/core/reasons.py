"""One reason of each weight."""

from __future__ import annotations

from verifier.core.outcome import Reason

WRONG = Reason(code="archive.truncated", subject="bundle.tar.gz", message="ends after 7 bytes")
UNDECIDED = Reason(code="ledger.unavailable", subject="ledger", message="no such file")
WARNING = Reason(code="version.unchecked", subject="bundle:authz", message="no ledger")
NOTE = Reason(code="ledger.not-recorded", subject="bundle:authz", message="--record was not given")
