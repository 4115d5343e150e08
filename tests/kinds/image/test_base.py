"""What an image is built on is what has its first layers, and was accepted."""

import pytest

from tests.support.images.inside import config, judged, only, platform_image, said, undecided
from tests.support.images.tables import diff_id, layer
from verifier.core.outcome import NotApplicable, Passed
from verifier.kinds.image.bases import KnownBase
from verifier.kinds.image.checks import base
from verifier.trust.sections.image import ImageRule

RULE = ImageRule(base=("image:acme-base",))


def known(layers, reference="image:acme-base", *, accepted=True, where=""):
    return KnownBase(
        reference=reference, diff_ids=tuple(diff_id(each) for each in layers), accepted=accepted, where=where
    )


def built_of(layers, *bases, rule=RULE, **more):
    tables = [layer(name=each) for each in layers]
    return judged(base.check, rule, platform_image(*tables, config=config(**more)), bases=bases)


@pytest.mark.parametrize("layers", ["ab", "abc", "abcdefgh"])
def test_an_image_on_an_accepted_base_passes(layers):
    assert isinstance(built_of(layers, known("ab"), known("xy"), known("abcX")), Passed)


def test_a_pattern_names_several_bases():
    rule = ImageRule(base=("image:other", "image:acme-*"))
    assert isinstance(built_of("abc", known("ab"), rule=rule), Passed)


@pytest.mark.parametrize(("layers", "held"), [("bab", "ab"), ("a", "ab"), ("acb", "ab"), ("ba", "ab"), ("aab", "ab")])
def test_layers_that_are_not_the_first_ones_are_no_base(layers, held):
    assert said(built_of(layers, known(held))) == ["image.base-unknown"]


def test_a_base_without_layers_is_nobodys():
    assert said(built_of("abc", known(""))) == ["image.base-unknown"]


def test_an_image_without_layers_is_built_on_nothing():
    assert said(built_of("", known("ab"), known(""))) == ["image.base-unknown"]


def test_what_an_image_claims_proves_nothing_and_is_said():
    claiming = platform_image(
        layer(name="x"), config=config(), annotations={"org.opencontainers.image.base.name": "registry/acme-base"}
    )
    reason = only(judged(base.check, RULE, claiming, bases=(known("ab"),)))
    assert reason.code == "image.base-unknown"
    assert "proves nothing" in reason.message


def test_a_squashed_image_is_told_so():
    assert "squashed" in only(built_of("s", known("ab"), steps=3)).message
    assert "squashed" not in only(built_of("s", known("ab"), steps=1)).message


def test_a_base_that_was_denied_denies():
    reason = only(built_of("abc", known("ab", accepted=False, where="registry.acme.example/base:1")))
    assert reason.code == "image.base-untrusted"
    assert "registry.acme.example/base:1" in reason.message


def test_a_base_of_another_rule_denies():
    reason = only(built_of("abc", known("ab", "image:somebody-elses")))
    assert reason.code == "image.base-untrusted"
    assert "image:acme-base" in reason.message


def test_what_was_denied_in_between_denies():
    assert said(built_of("abcd", known("ab"), known("abc", "image:middle", accepted=False))) == ["image.base-untrusted"]


def test_what_was_denied_below_the_accepted_base_does_not():
    assert isinstance(built_of("abcd", known("abc"), known("ab", "image:old", accepted=False)), Passed)


def test_what_was_accepted_in_between_under_another_rule_does_not():
    assert isinstance(built_of("abcd", known("ab"), known("abc", "image:middle")), Passed)


def test_an_image_is_not_its_own_base():
    rule = ImageRule(base=("image:*",))
    assert said(built_of("ab", known("ab", "image:app"), rule=rule)) == ["image.base-unknown"]
    # Nor does its own denial stand in its way for ever.
    assert isinstance(built_of("abc", known("ab"), known("abc", "image:app", accepted=False)), Passed)


def test_layers_that_were_not_read_are_no_pass():
    unread = platform_image(None, config=config())
    assert undecided(judged(base.check, RULE, unread, bases=(known("ab"),))) == ["image.not-inspected"]


def test_every_platform_has_a_base_of_its_own():
    good = platform_image(layer(name="a"), layer(name="b"), config=config())
    bad = platform_image(layer(name="x"), config=config("linux/arm64"))
    reason = only(judged(base.check, RULE, good, bad, bases=(known("ab"),)))
    assert (reason.code, reason.subject) == ("image.base-unknown", "linux/arm64")


def test_a_rule_without_bases_has_nothing_to_judge():
    assert isinstance(built_of("x", rule=ImageRule(user="non-root")), NotApplicable)
