"""The first words of reason codes, each a file: what one run says needs a few of them, and loads those.

* the first word of a code is the name of its file; a new word is a file and a row here
* a code that is not in its word's file does not exist
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final

from verifier.core.reasons.code import ReasonCode

ROOMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # content
        "input": "content",
        "archive": "content",
        "json": "content",
        "yaml": "content",
        "manifest": "content",
        "bundle": "content",
        "digest": "content",
        "checksums": "content",
        "image": "content",
        "package": "components",
        "sbom": "components",
        "dependency": "components",
        "license": "components",
        "vex": "components",
        "vulnerability": "components",
        "leak": "content",
        # trust
        "signature": "trust",
        "signer": "trust",
        "key": "trust",
        "name": "trust",
        "attestation": "trust",
        "certificate": "trust",
        "log": "trust",
        "time": "trust",
        "trust": "trust",
        "policy": "trust",
        "capability": "trust",
        "organisation": "trust",
        "provenance": "trust",
        "verdict": "trust",
        # state
        "version": "state",
        "scope": "state",
        "freshness": "state",
        "clock": "state",
        "ledger": "state",
        "cache": "state",
        # service
        # service
        "agent": "service",
        "configuration": "service",
        "delivery": "service",
        "issue": "service",
        "publish": "service",
        "request": "service",
        "run": "service",
        "webhook": "service",
        "internal": "service",
    }
)
"""Each word, in the order of the catalogue, with the folder that its file is in."""


@cache
def codes_of(word: str) -> Mapping[str, ReasonCode]:
    """The rows of the catalogue whose codes begin with `word`, by code; raises `KeyError` for a word that is none."""
    rows: tuple[ReasonCode, ...] = getattr(import_module(f"{__package__}.{ROOMS[word]}.{word}"), word.upper())
    return MappingProxyType({row.code: row for row in rows})


def describe(code: str) -> ReasonCode:
    """The catalogue's row for `code`; raises `KeyError` for a code that does not exist."""
    return codes_of(code.partition(".")[0])[code]
