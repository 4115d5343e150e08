"""The options of hygiene, as rules."""

from datetime import timedelta

import pytest

from verifier.cli.audits.hygiene import HygieneOptions
from verifier.core.errors import ConfigurationError


def options(**given):
    return HygieneOptions(**{"require_hashes": False, "allowed_index": (), "cool_down": None, "private": (), **given})


@pytest.mark.parametrize(("text", "days"), [("7", 7), ("7d", 7), ("2w", 14), ("36h", 1.5)])
def test_a_cool_down_is_a_number_of_days_or_a_duration(text, days):
    assert options(cool_down=text).rules().cool_down == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "0", "-1", "7 days", "1.5", "٧", "99999999999", "999999999w"])
def test_another_cool_down_is_refused_with_the_name_of_the_option(text):
    with pytest.raises(ConfigurationError) as caught:
        options(cool_down=text).rules()
    assert caught.value.where == "--cool-down"


@pytest.mark.parametrize(("name", "flag"), [("private", "--private"), ("allowed_index", "--allowed-index")])
def test_what_is_no_pattern_or_url_is_refused_with_the_name_of_the_option(name, flag):
    with pytest.raises(ConfigurationError) as caught:
        options(**{name: ("**",)}).rules()
    assert caught.value.where == flag


def test_everything_that_is_asked_for_is_in_the_rules():
    rules = options(require_hashes=True, allowed_index=("https://pypi.org/simple",) * 2, private=("acme-*",)).rules()
    assert (rules.require_hashes, rules.allowed_indexes, rules.private) == (
        True,
        ("https://pypi.org/simple",),
        ("acme-*",),
    )
