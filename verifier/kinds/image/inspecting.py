"""The layers of one image, read to their end in one pass, for all who look into them: accounts, secrets, components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.archives.layers.tree import merge
from verifier.core.value import Value, replace
from verifier.kinds.image.accounts import Accounts
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.layers import Looks, read_contents
from verifier.kinds.image.wish import Called, ImageWish
from verifier.sources.place import Place

if TYPE_CHECKING:
    from verifier.evidence.contents import Contents
    from verifier.kinds.image.capture import Capture


class Inspecting(Value):
    """How the layers are read. `called` is None where nobody lists components; `names_count` says that a user who is
    named has to be found in the image."""

    wish: ImageWish
    called: Called | None = None
    names_count: bool = False


def inspected(part: PlatformImage, config: bytes, place: Place, how: Inspecting, *, subject: str) -> PlatformImage:
    """`part`, of which manifest and config (its bytes are `config`) were read, with its layers; raises `Refused`."""
    manifest, parsed = part.manifest, part.config
    if manifest is None or parsed is None:
        raise TypeError("the manifest and the config come first")
    accounts, search = Accounts(), how.wish.search() if how.wish.search is not None else None
    kept = None if how.called is None else _capture(how.called, subject=subject)
    looks: tuple[Looks, ...] = tuple(each.of_layer for each in (accounts, search, kept) if each is not None)
    try:
        tables = read_contents(
            manifest,
            parsed,
            place,
            subject=subject,
            wish=how.wish,
            looks=looks,
            digests="none" if kept is None else "all",
        )
        found = None
        if search is not None:
            search.scan_config(config)
            found = search.findings()
    finally:
        if search is not None:
            search.close()
    tree = merge(tables, subject=subject)
    read = replace(part, hashed=True, layers=tables, tree=tree, accounts=accounts.files, secrets=found)
    if kept is None or how.called is None:
        return read
    return replace(read, contents=_contents(read, kept, how.called, subject))


def _capture(called: Called, *, subject: str) -> Capture:
    from verifier.kinds.image.capture import Capture  # noqa: PLC0415 - where components are listed

    return Capture(subject=subject, all_layers=called.all_layers)


def _contents(part: PlatformImage, kept: Capture, called: Called, subject: str) -> Contents:
    from verifier.kinds.image.contents import contents_of_image  # noqa: PLC0415 - as above

    return contents_of_image(part, kept, called, subject=subject)
