"""A base that is named is verified in the same run, under the rule of its own name, and counts as it was judged."""

import pytest

from tests.support.images.cosign.bundles import bundle_of
from tests.support.images.judged import errors, image_policy, signed_statement
from tests.support.images.made import MemoryPlace, layer
from tests.support.images.place import BUNDLE
from tests.support.images.signed import cosign_statement
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW
from tests.support.rules import artifact_rule
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.absent import NoLedger
from verifier.sources.content import Remote
from verifier.trust.sections.image import ImageRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom

LABELLED = VersionFrom(source="label:version", scheme="semver")
BASE = [layer({"base": b"1"}), layer({"base": b"2"})]
OWN = [layer({"app": b"1"})]


def policy(**of_base):
    signatures = SignatureRule(threshold=1, from_=("p256",))
    own = artifact_rule("image:app", signatures, LABELLED, image=ImageRule(base=("image:acme-base",)))
    return replace(image_policy(), artifacts=(own, artifact_rule("image:acme-base", signatures, LABELLED, **of_base)))


def remote(place):
    return Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place)


def base_place(layers=BASE, *, key="p256", version="1.0.0", **run):
    place = MemoryPlace(repository="registry.acme.example/acme/base", tag=version)
    made = place.image(layers, run={"Labels": {"version": version}, **run})
    place.pointing_at(made)
    if key:
        place.refer(made, bundle_of(key, cosign_statement(Digest.parse(made["digest"]))), BUNDLE)
    return place


def judged(*bases, layers=(*BASE, *OWN), trust=None, ledger=None, record=False):
    place = MemoryPlace(repository="registry.acme.example/acme/app", tag=None)
    made = place.image(list(layers), run={"Labels": {"version": "1.0.0"}})
    place.pointing_at(made)
    return verify_artifact(
        Request(
            kind="image",
            source=remote(place),
            name="app",
            policy=trust or policy(),
            now=NOW,
            correlation_id="test",
            attestations=(signed_statement(made),),
            ledger=ledger or NoLedger(),
            record=record,
            image=ImageWish(bases=tuple((name, remote(place)) for name, place in bases)),
        )
    )


def test_an_image_on_the_base_that_is_named_is_accepted_and_the_base_is_evidence():
    found = judged(("acme-base", base_place()))
    assert errors(found) == []
    (item,) = [each for each in found.verdict.evidence if each.kind == "base"]
    assert item.verified
    assert item.digest == base_place().resolve().digest


def test_without_it_nothing_is_known():
    assert errors(judged()) == ["image.base-unknown"]


@pytest.mark.parametrize("layers", [[*OWN, *BASE], OWN, [BASE[1], BASE[0]], [BASE[0], *OWN]])
def test_a_base_whose_layers_are_not_the_first_ones_is_none(layers):
    assert errors(judged(("acme-base", base_place()), layers=layers)) == ["image.base-unknown"]


@pytest.mark.parametrize(("key", "code"), [(None, "signature.missing"), ("p256-2", "signer.untrusted")])
def test_a_base_that_nobody_signed_who_may_is_denied(key, code):
    found = judged(("acme-base", base_place(key=key)))
    assert set(errors(found)) == {"image.base-unknown"}
    assert code in "".join(each.message for each in found.verdict.reasons)


def test_a_base_that_its_own_rule_denies_is_denied():
    strict = policy(image=ImageRule(user="non-root"))
    assert errors(judged(("acme-base", base_place()), trust=strict)) == ["image.base-untrusted"]
    assert errors(judged(("acme-base", base_place(User="65532")), trust=strict)) == []


def test_a_base_of_a_name_that_the_rule_does_not_list_does_not_count():
    signatures = SignatureRule(threshold=1, from_=("p256",))
    other = artifact_rule("image:other", signatures, LABELLED)
    trust = replace(policy(), artifacts=(*policy().artifacts, other))
    assert errors(judged(("other", base_place()), trust=trust)) == ["image.base-untrusted"]


def test_a_base_for_which_there_is_no_rule_is_told_so():
    found = judged(("base", base_place()))
    assert set(errors(found)) == {"image.base-unknown"}
    assert "no rule is for image:base" in "".join(each.message for each in found.verdict.reasons)
    assert "Add a rule for it" in "".join(each.hint for each in found.verdict.reasons)


def test_a_base_that_cannot_be_read_is_told_so():
    def fail():
        raise refuse("input.unreachable", "registry.acme.example/acme/base", "nobody answers")

    place = base_place()
    place.resolve = fail
    found = judged(("acme-base", place))
    assert set(errors(found)) == {"image.base-unknown"}
    assert "input.unreachable" in "".join(each.message for each in found.verdict.reasons)


def test_a_base_that_goes_back_behind_what_the_ledger_accepted_is_denied():
    ledger = MemoryLedger()
    newer = base_place(version="2.0.0")
    accepted = verify_artifact(
        Request(
            kind="image",
            source=remote(newer),
            name="acme-base",
            policy=policy(),
            now=NOW,
            correlation_id="test",
            ledger=ledger,
            record=True,
        )
    )
    assert errors(accepted) == []
    other = [layer({"base": b"old"})]
    found = judged(("acme-base", base_place(other)), layers=[*other, *OWN], ledger=ledger)
    assert errors(found) == ["image.base-untrusted"]


def test_a_base_that_was_named_is_not_recorded():
    ledger = MemoryLedger()
    assert errors(judged(("acme-base", base_place()), ledger=ledger, record=True)) == []
    assert {entry.event.scope for entry in ledger.events()} == {"image:app"}
