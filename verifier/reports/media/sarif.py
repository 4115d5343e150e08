"""SARIF 2.1.0, as GitHub's code scanning takes it: the parts that every report of ours has.

* a message is one line of visible characters in which nothing is a link or a placeholder
* a file is a relative URI below the root; one that was named with its whole path is below `ROOT`, which is `file:///`
* a result is known by its fingerprint: whoever calls says what of it stays the same over runs and versions
* GitHub refuses what is too large: then the last results are left out, and whoever calls is told how many, to say so

Source: SARIF 2.1.0; https://docs.github.com, "SARIF support for code scanning".
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from verifier.core.clock import format_rfc3339
from verifier.core.severity import Severity
from verifier.core.version import VERSION
from verifier.formats.bom.unwritable import without_halves
from verifier.formats.json.write import sheet, spaced
from verifier.reports.escape import printable
from verifier.reports.media.escaping import in_json
from verifier.reports.media.fingerprint import fingerprint

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS: Final = 25_000
"""Of one run; there are never more rules than results."""
MAX_COMPRESSED: Final = 10_000_000
"""Bytes of the whole document, compressed: GitHub's 10 MB, read as the smaller number."""
MAX_LOCATIONS: Final = 1_000
"""Of one result."""
MAX_TAGS: Final = 20
"""Of one rule."""
GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
"""The one that GitHub goes by. Where it is missing, its action takes the text of the line, which an upgrade changes."""
FALLBACK: Final = "."
_HOME: Final = "https://policy-verifier.dev"
LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
"""SARIF's words for ours."""
LEFT_OUT: Final = "{:,} results are left out, the least severe ones: GitHub takes no more. --format json has all."
_MEANS_SOMETHING: Final = re.compile(r"[\[\]\\]")
Json = dict[str, Any]


def message(text: str) -> str:
    """A text in which nothing is a link (SARIF 3.11.6) or a placeholder (3.11.5)."""
    shown = _MEANS_SOMETHING.sub(r"\\\g<0>", printable(text))
    return shown.replace("{", "{{").replace("}", "}}")


def location(file: str, line: int = 1) -> Json:
    """A file, and the line where it is known: GitHub shows an alert only at a line."""
    path = file or FALLBACK
    artifact = {"uri": quote(path.lstrip("/"), safe="/", errors="surrogatepass") or FALLBACK}
    if path.startswith("/"):
        artifact["uriBaseId"] = "ROOT"
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(1, line)}}}


def fingerprints(name: str, *same: object) -> dict[str, str]:
    """What a result is known by: a digest of what stays the `same`, under our `name` for it and under GitHub's."""
    digest = fingerprint(*same)
    return {name: digest, GITHUB_FINGERPRINT: digest}


def rule(identifier: str, text: str, help_text: str, *, score: str | None, level: str, tags: Iterable[str]) -> Json:
    """A rule; `score` is what GitHub sorts by, as the text that it asks for."""
    properties: Json = {} if score is None else {"security-severity": score}
    return {
        "id": message(identifier),
        "shortDescription": {"text": message(_cut(text, 120))},
        "fullDescription": {"text": message(_cut(text, 900))},
        "help": {"text": message(help_text)},
        "defaultConfiguration": {"level": level},
        "properties": {
            **properties,
            "tags": list(dict.fromkeys(message(each) for each in tags))[:MAX_TAGS],
            "precision": "very-high",
        },
    }


def notification(code: str, text: str, level: str, locations: Sequence[Json] = ()) -> Json:
    """What is said of the run itself."""
    said: Json = {"descriptor": {"id": code}, "message": {"text": message(text)}, "level": level}
    return {**said, "locations": list(locations)[:MAX_LOCATIONS]} if locations else said


def invocation(text: str, *, status: int, successful: bool, started: datetime, said: Iterable[Json]) -> Json:
    """How the run ended; `text` is the line that decides."""
    return {
        "executionSuccessful": successful,
        "exitCode": status,
        "exitCodeDescription": message(text),
        "startTimeUtc": format_rfc3339(started),
        "toolExecutionNotifications": list(said),
    }


def driver(name: str, uri: str, version: str, rules: list[Json]) -> Json:
    """Who has found it."""
    home = uri if uri.startswith("https://") and uri.isascii() and uri.isprintable() else _HOME
    return {
        "name": name,
        "informationUri": quote(home, safe="/:?#[]@!$&'()*+,;=%-._~"),
        "version": message(version or VERSION),
        "rules": rules,
    }


def log(tool: Json, category: str, invoked: Json, results: list[Json], properties: Json) -> Json:
    """The document of one run; GitHub keeps apart what differs in its `category`."""
    run = {
        "tool": {"driver": tool},
        "automationDetails": {"id": f"{category}/"},
        "originalUriBaseIds": {
            "ROOT": {"uri": "file:///", "description": {"text": "Files that were named with their whole path."}}
        },
        "invocations": [invoked],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": properties,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def bounded(document: Callable[[int], Json], results: int) -> str:
    """The text of `document(kept)` with as many of the `results` as GitHub takes, ending in a newline."""
    kept = min(results, MAX_RESULTS)
    while True:
        text = in_json(_text(without_halves(document(kept))))
        if len(text) <= MAX_COMPRESSED or not kept or len(zlib.compress(text.encode(), 6)) <= MAX_COMPRESSED - 1_000:
            return text
        kept = kept * 3 // 4


def _text(document: Json) -> str:
    """Its one run with a line for each result: of ten thousand, a line for each member would take ten times as long."""
    (run,), head = document["runs"], {name: each for name, each in document.items() if name != "runs"}
    return f'{spaced(head)[:-1]}, "runs": [{sheet(run)[:-1]}]}}\n'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
