"""What bytes are, by what they hold: the name of a form that a row of `inspecting.table` describes.

* asks the recogniser of foreign documents, which looks at first bytes and reads one bounded JSON document
* what that does not know of ours: an exported ledger, our SQLite files, a layer of cosign's old scheme
"""

from __future__ import annotations

from typing import Final

from verifier.audit.database.schema import APPLICATION_ID as RECORDS
from verifier.formats.foreign.recognise import recognise
from verifier.formats.intoto.attestation_kind import is_layer
from verifier.ledger.document import SCHEMA as LEDGER
from verifier.ledger.sqlite.schema import APPLICATION_ID as LEDGER_FILE

_ID: Final = slice(68, 72)
"""Where an SQLite file has its application's id (https://www.sqlite.org/fileformat.html, section 1.3)."""
_FIRST_LINE: Final = 4_096


def form_of(content: bytes) -> str:
    """The form, "" where nobody knows it."""
    if is_layer(content):
        return "cosign-layer"
    if content.startswith(b"{") and LEDGER.encode() in content[:_FIRST_LINE].partition(b"\n")[0]:
        return "ledger-export"
    foreign = recognise(content)
    if foreign is None:
        return ""
    if foreign.name == "sqlite":
        application = int.from_bytes(content[_ID], "big", signed=False)
        return {LEDGER_FILE: "ledger-file", RECORDS: "records"}.get(application, "sqlite")
    return foreign.name
