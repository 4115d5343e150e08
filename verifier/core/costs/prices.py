"""What each thing that reading makes costs at most: bytes of memory that stay, nanoseconds of work.

Measured with CPython 3.11, where the dearest of a kind is what it costs; docs/benchmarks.md ("Worst case of hostile
input") says what a search for a dearer one has found.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Price(NamedTuple):
    """What one thing costs at most: bytes of memory that stay as long as the artifact, nanoseconds of work."""

    what: str
    memory: int
    work: int


UNPACKED: Final = Price("bytes unpacked", 1, 5)
WALKED: Final = Price("bytes looked through", 0, 4)
STREAM: Final = Price("gzip streams", 0, 12_000)
MEMBER: Final = Price("archive members", 480, 12_000)
NAME: Final = Price("characters of names", 6, 60)
ODD_NAME: Final = Price("characters of names beyond ASCII", 16, 1_200)
"""They are compared without regard to case and composition, which takes the square of a run of combining marks."""
RECORD: Final = Price("records of extended headers", 0, 8_000)
HEADER: Final = Price("extended headers", 0, 25_000)
DOCUMENT: Final = Price("documents", 400, 25_000)
TEXT: Final = Price("bytes of text", 1, 8)
ELEMENT: Final = Price("JSON elements", 112, 800)
ARRAY: Final = Price("JSON arrays", 96, 500)
OBJECT: Final = Price("JSON objects", 84, 500)
KEY: Final = Price("JSON keys", 104, 500)
AGAIN: Final = Price("JSON values read again", 0, 900)
ESCAPE: Final = Price("repaired characters", 16, 300)
GAP: Final = Price("bytes before package clauses", 0, 20)
CLAUSE: Final = Price("bytes of package clauses", 32, 250)
EVENT: Final = Price("YAML events", 140, 3_000)
SEGMENT: Final = Price("path segments of data", 280, 1_500)
ROOT_SEGMENT: Final = Price("path segments of roots", 560, 5_000)
ENTRY: Final = Price("entries of the manifest", 400, 6_000)
FIELD: Final = Price("fields that are looked for", 0, 5_000)
HASHED: Final = Price("bytes hashed", 0, 3)
KEY_OPERATION: Final = Price("public-key operations", 0, 150_000)
COMPONENT: Final = Price("components", 600, 15_000)
EXPRESSION: Final = Price("characters of licence expressions", 2, 10_000)
XML_ELEMENT: Final = Price("XML elements", 180, 7_000)
XML_ATTRIBUTE: Final = Price("XML attributes", 100, 1_500)
XML_HELD: Final = Price("XML elements held at once", 300, 0)
XML_TEXT: Final = Price("bytes of XML", 1, 20)
