"""What is given for a predicate and its type: what is none, and what is meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from verifier.core.errors import ConfigurationError, Refused
from verifier.core.uris import COSIGN_SCAN, CYCLONEDX_BOM, SPDX_DOCUMENT
from verifier.trust.vocabulary import check_uri

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "cyclonedx": CYCLONEDX_BOM,
        "spdx": SPDX_DOCUMENT,
        "spdxjson": SPDX_DOCUMENT,
        "slsaprovenance": "https://slsa.dev/provenance/v0.2",
        "slsaprovenance02": "https://slsa.dev/provenance/v0.2",
        "slsaprovenance1": "https://slsa.dev/provenance/v1",
        "link": "https://in-toto.io/Link/v1",
        "vuln": COSIGN_SCAN,
        "openvex": "https://openvex.dev/ns",
    }
)
"""Short words for types that are often written, as cosign has them. Its `custom` wraps the predicate, and is none."""


def type_of(given: str) -> str:
    """The URI of a type, which a short word may stand for; raises `ConfigurationError`."""
    try:
        return check_uri(TYPES.get(given, given))
    except ValueError as error:
        hint = f"Write its URI, or one of {', '.join(TYPES)}."
        raise ConfigurationError(str(error), where="--type", hint=hint) from error


def no_json(refusal: Refused, said: bytes, predicate: Path) -> ConfigurationError:
    """The error for a predicate that is none: the question is wrong, and nothing was judged."""
    from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

    reason = named(refusal, said, place="predicate").reasons[0]
    hint = reason.hint if reason is not refusal.reasons[0] else "Give the file that holds the predicate, a JSON object."
    return ConfigurationError(reason.message, where=f"--predicate: {predicate}", hint=hint)
