"""Gatekeeper's protocol of external data, v1beta1: what a provider is asked, and what it answers.

* a request is one thing: duplicate, unknown and miswritten fields are refused, and so is another version
* a key is asked for once, however often it stands there, and answered under the very text that it was
* an item has a value or an error, never both and never neither
* what is refused as a whole is an answer too, with a `systemError`: a reader in Go takes a document without one, of
  whatever type, for an answer that objects to nothing

Source: open-policy-agent/frameworks, constraint/pkg/externaldata (`request.go`, `response.go`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import parse
from verifier.formats.json.write import compact

API_VERSION: Final = "externaldata.gatekeeper.sh/v1beta1"
REQUEST_KIND, RESPONSE_KIND = "ProviderRequest", "ProviderResponse"

MAX_REQUEST_BYTES: Final = 256 * 1024
MAX_KEYS: Final = 256
"""Keys of one request: a Pod has a few containers, and one request is about one object."""
_DEEPEST: Final = 8
_MOST_VALUES: Final = 1_024
_SUBJECT: Final = "request"
_CODE: Final = "request.malformed"


class Item(Value):
    """What is answered of one key: a value, or why there is none."""

    key: str
    value: str = ""
    error: str = ""

    def __post_init__(self) -> None:
        if bool(self.value) == bool(self.error):
            raise ValueError("an item has a value or an error")


def read_request(body: bytes) -> tuple[str, ...]:
    """The keys of a `ProviderRequest`, each once, in their order; `Refused` (`request.malformed`) for anything else."""
    try:
        value = parse(body, subject=_SUBJECT, max_depth=_DEEPEST, max_values=_MOST_VALUES).value
        document = Fields.of(value, code=_CODE, subject=_SUBJECT)
        document.known("apiVersion", "kind", "request", closed=True)
        for name, expected in (("apiVersion", API_VERSION), ("kind", REQUEST_KIND)):
            if (stated := document.text(name)) != expected:
                raise document.refusal(name, f"is {stated[:100]!r}, expected {expected}")
        # Go leaves out what is empty: no keys at all is nothing that is asked for.
        asked = document.object("request").known("keys", closed=True)
        keys = asked.strings("keys", most=MAX_KEYS) if asked.value.get("keys") is not None else ()
    except Refused as refusal:
        first = refusal.reasons[0]
        if first.code == _CODE:
            raise
        raise refuse(_CODE, _SUBJECT, f"{first.code}: {first.message}") from refusal
    return tuple(dict.fromkeys(keys))


def write_response(items: Iterable[Item]) -> bytes:
    """A `ProviderResponse` with these items; it says that asking again changes nothing, which mutation demands."""
    return _response({"idempotent": True, "items": [_item(each) for each in items], "systemError": ""})


def write_failure(message: str) -> bytes:
    """A `ProviderResponse` that answers nothing, and says why in visible characters."""
    return _response({"idempotent": True, "items": [], "systemError": message or "refused"})


def _item(item: Item) -> dict[str, str]:
    # Both are there, so that nobody has to know what an absent one means.
    return {"key": item.key, "value": item.value, "error": item.error}


def _response(response: dict[str, object]) -> bytes:
    return compact({"apiVersion": API_VERSION, "kind": RESPONSE_KIND, "response": response}).encode()
