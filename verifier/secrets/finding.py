"""What a search for secrets came to: where there is something like a credential, and never what it is.

* no value here holds a character of a secret: a finding has the rule, the place, and a fingerprint salted for one run
* what was not searched to its end says so, and why; that nothing was found is said of what was searched alone
"""

from __future__ import annotations

from typing import Final

from verifier.core.value import Value

MOST_NAMED: Final = 100
"""Findings; what is beyond is counted, up to `secrets.worker.MAX_FINDINGS`."""


class SecretFinding(Value):
    """That there is something like a credential: never what it is. `where` is a layer's number from 0, or "config";
    `fingerprint` is salted for one run, so that the same one twice can be told."""

    rule: str
    where: str
    path: str
    line: int | None
    fingerprint: str


class SecretScan(Value):
    """What was found, at most so many; `more` are those beyond. `problems` say what could not be searched: where there
    is one, that nothing was found means nothing."""

    findings: tuple[SecretFinding, ...] = ()
    more: int = 0
    problems: tuple[str, ...] = ()
