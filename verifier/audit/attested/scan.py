"""A scan for known vulnerabilities as somebody has signed it.

* what was found and what could not be decided are both items, and are told apart
* a severity that nobody states is "unknown", which is above every threshold
* what the scanner has excused is excused to the scanner: whoever reads the scan decides by exceptions of their own
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from verifier.core.value import Value, field
from verifier.formats.audit.result import Rating

Status = Literal["affected", "undecided", "unknown"]


class ScanItem(Value):
    """One entry of a scan.

    `status` is "affected", or what the scanner could not say: "undecided" (a record cannot be evaluated) and "unknown"
    (nobody could be asked about the package). `purl` is the package, "" where the scanner does not say; `ids` are all
    ids, that of the item first. `exploited` is the CVE that is known to be, "" for none. `excused` is why the scanner
    does not count it, in its words.
    """

    id: str
    status: Status
    rating: Rating = Rating()
    purl: str = ""
    ids: tuple[str, ...] = ()
    why: str = ""
    exploited: str = ""
    excused: str = ""


class Scan(Value):
    """One scan: who scanned, by which database, when, and what came of it.

    `database` is the version of the database, for a scan of ours its digest ("sha256:…"); `last_update` the day of its
    data. `own` is whether `verify audit` has made it.
    """

    scanner: str
    version: str
    database: str
    last_update: datetime
    started: datetime
    finished: datetime
    items: tuple[ScanItem, ...] = field(repr=False)
    own: bool = False
