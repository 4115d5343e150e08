"""Labels that the rule demands are there, with values that fit, on every platform."""

import pytest

from tests.support.images.inside import config, judged, only, platform_image, said, undecided
from verifier.core.outcome import NotApplicable, Passed
from verifier.kinds.image.checks import labels
from verifier.trust.sections.image import ImageRule

SOURCE = "org.opencontainers.image.source"
RULE = ImageRule(labels=((SOURCE, "https://github.com/acme/*"),))
ANY = ImageRule(labels=((SOURCE, "*"),))


def with_labels(rule, **more):
    return judged(labels.check, rule, platform_image(None, config=config(**more)))


@pytest.mark.parametrize("value", ["https://github.com/acme/app", "https://github.com/acme/app/tree/main"])
def test_a_label_that_fits_passes(value):
    assert isinstance(with_labels(RULE, labels={SOURCE: value, "other": "x"}), Passed)


WRONG = [
    *("https://github.com/acme", "https://github.com/acme-evil/app", "http://github.com/acme/app", ""),
    *("https://github.com/acme/../evil/app", "https://github.com/acme/%2e%2E/evil/app"),
    *("x https://github.com/acme/app", "HTTPS://github.com/acme/app", "https://github.com\u2024acme/acme/app"),
]


@pytest.mark.parametrize("value", WRONG)
def test_another_value_is_denied(value):
    assert said(with_labels(RULE, labels={SOURCE: value})) == ["image.label-missing"]


def test_no_label_is_denied_and_said_what_was_expected():
    reason = only(with_labels(RULE, labels={SOURCE.upper(): "https://github.com/acme/app"}))
    assert reason.code == "image.label-missing"
    assert "https://github.com/acme/*" in reason.message


def test_an_annotation_is_no_label():
    annotated = platform_image(None, config=config(), annotations={SOURCE: "https://github.com/acme/app"})
    assert said(judged(labels.check, RULE, annotated)) == ["image.label-missing"]


def test_any_value_is_one_that_says_something():
    assert isinstance(with_labels(ANY, labels={SOURCE: "anything/../at all"}), Passed)
    assert said(with_labels(ANY, labels={SOURCE: "  "})) == ["image.label-missing"]


def test_a_value_is_not_repeated_at_any_length():
    assert len(only(with_labels(RULE, labels={SOURCE: "x" * 100_000})).message) < 500


def test_a_config_that_was_not_read_is_no_pass():
    assert undecided(judged(labels.check, RULE, platform_image(None))) == ["image.not-inspected"]


def test_windows_images_have_labels_too():
    assert isinstance(with_labels(ANY, platform="windows/amd64", labels={SOURCE: "x"}), Passed)


def test_one_platform_without_it_denies():
    good = platform_image(None, config=config(labels={SOURCE: "https://github.com/acme/app"}))
    bad = platform_image(None, config=config("linux/arm64"))
    assert only(judged(labels.check, RULE, good, bad)).subject == "linux/arm64"


def test_a_rule_without_labels_has_nothing_to_judge():
    assert isinstance(with_labels(ImageRule(user="non-root")), NotApplicable)
