"""A package that is known to be vulnerable: whoever does not say so is not believed when it says that others are not.

* it is asked about beside everything else, so that an answer that lost everything is told from one that found nothing
* a private mirror that does not have the default one is given another (`parse_canary`)
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}\Z")
"""What an id of a record looks like (formats/audit.md section 8): it stands in a URL as it is."""


class Canary(Value):
    """A version of a package, and the id of a record that affects it. `ecosystem` is a purl type,
    `namespace` purl's."""

    ecosystem: str
    name: str
    version: str
    id: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.id} of {self.name} {self.version}"


CANARY: Final = Canary(ecosystem="pypi", name="jinja2", version="2.10", id="PYSEC-2019-217")
"""A record of 2019 that every service of PyPI's advisories has."""


def parse_canary(text: str, *, where: str) -> Canary:
    """A canary from `PURL=ID`, as in pkg:pypi/jinja2@2.10=PYSEC-2019-217; raises `ConfigurationError` about
    `where`."""
    from verifier.core.errors import Refused  # noqa: PLC0415 - only where one is named
    from verifier.formats.purl import parse_purl  # noqa: PLC0415 - as above

    expected = "expected PURL=ID, as in pkg:pypi/jinja2@2.10=PYSEC-2019-217"
    purl, _, identifier = text.rpartition("=")
    try:
        parsed = parse_purl(purl)
    except (ValueError, Refused):
        raise ConfigurationError(f"{text!r} names no package; {expected}", where=where) from None
    if parsed.version is None or not ID.match(identifier):
        raise ConfigurationError(f"{text!r} has no version, or no id; {expected}", where=where)
    return Canary(
        ecosystem=parsed.type, name=parsed.name, version=parsed.version, id=identifier, namespace=parsed.namespace
    )
