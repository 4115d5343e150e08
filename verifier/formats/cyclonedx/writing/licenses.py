"""Licences as CycloneDX has them: ids and names, or one expression; from 1.7 on any mixture.

* an id or an expression is written as one only where SPDX lists its names; what is none is a name, word for word
* who acknowledged it is said from 1.6 on; 1.5 has no place for it
"""

from __future__ import annotations

from typing import Any

from verifier.formats.bom.component import License
from verifier.formats.cyclonedx.versions import SpecVersion
from verifier.formats.spdx.expression import is_expression, is_license_id


def licenses_of(licenses: tuple[License, ...], version: SpecVersion) -> list[dict[str, Any]]:
    """The list that stands under `licenses`."""
    alone = len(licenses) == 1 or version == "1.7"
    return [_license(each, version, alone=alone) for each in licenses if each.text.strip()]


def _license(stated: License, version: SpecVersion, *, alone: bool) -> dict[str, Any]:
    said = {"acknowledgement": stated.acknowledgement} if stated.acknowledgement and version != "1.5" else {}
    text = stated.text.strip() if stated.form in ("id", "expression") else stated.text
    if stated.form != "name" and is_license_id(text):
        return {"license": {"id": text, **said}}
    if stated.form != "name" and alone and is_expression(text):
        return {"expression": text, **said}
    return {"license": {"name": stated.text, **said}}
