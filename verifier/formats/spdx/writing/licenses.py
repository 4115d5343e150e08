"""Licences as SPDX 2.3 has them: one expression; whatever is no name of SPDX' is a `LicenseRef` with its text.

* several licences that are stated one beside the other are joined by AND: nobody said that one may choose
* nothing that is stated is left out; what nobody stated is NOASSERTION
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from verifier.formats.bom.component import License
from verifier.formats.spdx.expression import is_expression

NO_ASSERTION: Final = "NOASSERTION"
_OWN: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
NOT_IN_ID: Final = re.compile(r"[^A-Za-z0-9.-]+")
"""What no id of SPDX may hold."""
_NAME_SHOWN: Final = 40


class Extracted:
    """The licences of a document that SPDX does not list: their texts by their ids. Changes."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def expression(self, licenses: Iterable[License]) -> str:
        """What some licences come to, `NOASSERTION` where there are none."""
        parts = list(dict.fromkeys(self._part(each) for each in licenses if each.text.strip()))
        if len(parts) == 1:
            return parts[0]
        return " AND ".join(f"({part})" if " " in part else part for part in parts) or NO_ASSERTION

    def _part(self, stated: License) -> str:
        text = stated.text.strip()
        if stated.form != "name" and "DocumentRef-" not in text and is_expression(text):
            for own in _OWN.findall(text):
                self.texts.setdefault(own, NO_ASSERTION)
            return text
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]
        shown = NOT_IN_ID.sub("-", text[:_NAME_SHOWN]).strip("-.")
        own = f"LicenseRef-{shown}-{digest}" if shown else f"LicenseRef-{digest}"
        self.texts[own] = text
        return own
