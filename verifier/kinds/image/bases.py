"""What an image may be built on: the layers of images that were judged before, or in the same run.

* a base is known by the digests of its layers once unpacked: compressing anew keeps them, and no annotation counts
* an image is built on a base whose layers are its own first ones; one without layers is nobody's base
"""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.core.value import Value


class KnownBase(Value):
    """An image that was judged. `reference` is the artifact's (`image:acme-base`), under whose rule it was accepted, or
    was not; `where` is what it was called then, for a message: a reference, a digest, or ""."""

    reference: str
    diff_ids: tuple[Digest, ...]
    accepted: bool
    where: str = ""

    def is_under(self, layers: tuple[Digest, ...]) -> bool:
        """Whether an image of these layers is built on it."""
        return bool(self.diff_ids) and layers[: len(self.diff_ids)] == self.diff_ids
