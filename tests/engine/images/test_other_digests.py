"""A ledger holds sha256 digests: what an index lists by another digest is not taken for what nobody has withdrawn."""

import hashlib

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW
from verifier.core.digest import Digest
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import withdraw_digest
from verifier.sources.place import Resolved
from verifier.trust.sections.version import VersionFrom, VersionUnchecked

VERSION = "org.opencontainers.image.version"
ORDERED = VersionFrom(source=f"label:{VERSION}", scheme="semver")
ONE = ImageWish(platform=parse_platform("linux/amd64"))


class TwoDigests(MemoryPlace):
    """A repository that knows its manifests by their sha512 as well."""

    def listed(self, described: dict) -> dict:
        content = self.documents[described["digest"]][1]
        return {**described, "digest": f"sha512:{hashlib.sha512(content).hexdigest()}"}

    def manifest(self, digest: Digest) -> Resolved:
        for media_type, content in self.documents.values():
            if hashlib.new(digest.algorithm, content).hexdigest() == digest.value:
                return Resolved(content=content, media_type=media_type, digest=digest)
        return super().manifest(digest)


@pytest.mark.parametrize("wish", [None, ONE], ids=["all", "one"])
@pytest.mark.parametrize("order", [VersionUnchecked(), ORDERED], ids=["unordered", "ordered"])
def test_a_withdrawn_manifest_stays_out_where_an_index_lists_it_by_its_sha512(order, wish):
    place, ledger = TwoDigests(), MemoryLedger()
    image = place.image([b"one"], run={"Labels": {VERSION: "1.0.0"}})
    index = place.index(place.listed(image))
    withdraw_digest(ledger, "image:app", Digest.parse(image["digest"]), Circumstances(now=NOW))
    policy = image_policy(version=order)
    found = judge(place.pointing_at(index), signed_statement(index), policy=policy, wish=wish, ledger=ledger)
    assert set(errors(found)) == {"version.unorderable"}


def test_where_nothing_was_withdrawn_it_is_as_good_as_any():
    place = TwoDigests()
    index = place.index(place.listed(place.image([b"one"])))
    found = judge(place.pointing_at(index), signed_statement(index), ledger=MemoryLedger())
    assert errors(found) == []
