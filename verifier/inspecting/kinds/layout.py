"""An OCI layout, or a saved archive, of several images: what it lists, by which names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Given, facts, listing
from verifier.sources.layout import LayoutPlace

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue
    from verifier.sources.place import Place

_ONE: Final = ("REF", "one of them, with its name or digest behind a colon or an @")


def describe(place: Place, given: Given) -> Described | None:
    """What the layout lists; None where it is none."""
    if not isinstance(place, LayoutPlace):
        return None
    entries = place.listing.entries
    rows: list[tuple[JsonValue, ...]] = [
        (each.name or each.full_name or each.kind or "(no name)", each.descriptor.media_type, each.descriptor.size,
         str(each.descriptor.digest))
        for each in entries
    ]  # fmt: skip
    named = next((each.name for each in entries if each.name is not None and checks.told(each.name)), None)
    reference = checks.reference_word(given.reference)
    if named is None or ":" in named or "/" in named:
        check = checks.check("image", _ONE[0], "--key", checks.KEY[0], unknown=(_ONE, checks.KEY))
    else:
        check = checks.check("image", f"{reference}:{named}", "--key", checks.KEY[0], unknown=(checks.KEY,))
    return Described(
        what="an OCI layout of several images",
        kind="layout",
        check=check,
        facts=facts(entries=len(entries)),
        listings=(listing("images", ("name", "type", "size", "digest"), rows),),
    )
