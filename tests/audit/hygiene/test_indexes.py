"""Hygiene: does everything come from an index, an allowed one, and can nobody else answer for it?"""

import pytest

from tests.support.audit.made import NOW, package
from verifier.audit.askable import unaskable
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.hygiene.table import judge_hygiene
from verifier.core.errors import ConfigurationError
from verifier.formats.bom.component import Distribution, Hash

STRONG = (Hash("SHA-256", "a" * 64),)
PUBLIC, OWN, EVIL = "https://pypi.org/simple", "https://pypi.acme.example/simple", "https://evil.example/simple"
ON_PUBLIC = (Distribution("https://files.pythonhosted.org/packages/j.whl", STRONG),)


def hashed(name="jinja2", *, url="", **more):
    return package(name, distributions=(Distribution(url, STRONG),), **more)


def said(*packages, **rules):
    return [(each.code, each.severity.value) for each in judge_hygiene(packages, HygieneRules(**rules), NOW)]


DENIED = [("dependency.index-not-allowed", "error")]
CONFUSED = [("dependency.confusion", "error")]
MAYBE = [("dependency.confusion", "warning")]


@pytest.mark.parametrize("source", ["git", "url", "path"])
def test_what_comes_from_no_index_warns_and_denies_where_indexes_are_listed(source):
    one = hashed(source=source, location="https://acme.example/x")
    assert said(one) == [("dependency.not-from-index", "warning")]
    assert said(one, allowed_indexes=(PUBLIC,)) == [("dependency.not-from-index", "error")]


@pytest.mark.parametrize("allowed", [PUBLIC, PUBLIC + "/", "https://pypi.org"])
def test_the_public_index_is_allowed_where_it_is_listed_and_named_by_nobody(allowed):
    assert said(hashed(), allowed_indexes=(allowed,)) == []


@pytest.mark.parametrize("named", [PUBLIC, "https://pypi.python.org/simple/", "https://pypi.org/simple"])
def test_the_public_index_is_one_under_each_of_its_addresses(named):
    assert said(hashed(index=named), allowed_indexes=(PUBLIC,)) == []


def test_a_target_that_names_no_index_takes_the_public_one():
    assert said(hashed(), allowed_indexes=(OWN,)) == DENIED
    assert said(hashed(index=OWN), allowed_indexes=(OWN,)) == []


@pytest.mark.parametrize(
    "index",
    [
        EVIL,
        "http://pypi.acme.example/simple",
        "https://pypi.acme.example:8443/simple",
        "https://pypi.acme.example/simple/evil",
        "https://pypi.acme.example.evil.example/simple",
        "https://pypi.acme.example@evil.example/simple",
        "https://evil.example\\@pypi.acme.example/simple",
        "not a url",
    ],
)
def test_an_index_that_looks_alike_is_another(index):
    assert said(hashed(index=index), allowed_indexes=(OWN,)) == DENIED


def test_every_index_that_may_answer_has_to_be_allowed():
    assert DENIED[0] in said(hashed(index=OWN, indexes=(OWN, EVIL)), allowed_indexes=(OWN,))


def test_a_file_that_lies_elsewhere_is_no_file_of_an_allowed_index():
    assert said(hashed(index=OWN, url="https://pypi.acme.example/files/x.whl"), allowed_indexes=(OWN,)) == []
    assert said(hashed(index=OWN, url="https://evil.example/x.whl"), allowed_indexes=(OWN,)) == DENIED
    assert DENIED[0] in said(hashed(index=PUBLIC, url="https://evil.example/x.whl"), allowed_indexes=(PUBLIC,))


def test_a_file_where_the_public_index_keeps_its_own_is_allowed_with_it():
    assert said(package(index=PUBLIC, distributions=ON_PUBLIC), allowed_indexes=(PUBLIC,)) == []
    assert DENIED[0] in said(package(index=OWN, distributions=ON_PUBLIC), allowed_indexes=(OWN,))


@pytest.mark.parametrize(
    "location", ["https://files.pythonhosted.org.evil.example/x.whl", "http://files.pythonhosted.org/x"]
)
def test_a_file_that_only_looks_public_is_not(location):
    assert MAYBE[0] in said(hashed(url=location))
    assert "is not the public index" in unaskable(hashed(url=location), {"pypi"})


def test_a_poisoned_lock_makes_the_package_unknown():
    """The index says pypi.org, the file lies elsewhere: what is known of PyPI's package is known of another."""
    poisoned = hashed(index=PUBLIC, url="https://evil.example/x.whl")
    assert (
        unaskable(poisoned, {"pypi"}) == "it is fetched from https://evil.example/x.whl, which is not the public index"
    )
    assert unaskable(package(index=PUBLIC, distributions=ON_PUBLIC), {"pypi"}) == ""


@pytest.mark.parametrize("index", ["", PUBLIC, "https://pypi.org/simple/"])
def test_a_private_name_from_the_public_index_is_confusion(index):
    assert said(hashed("acme-auth", index=index), private=("acme-*",)) == CONFUSED


def test_a_private_name_from_one_private_index_is_fine():
    assert said(hashed("acme-auth", index=OWN), private=("acme-*",)) == []


@pytest.mark.parametrize("pattern", ["Acme_*", "acme.*", "ACME-auth", "acme-a*"])
def test_patterns_are_compared_as_names_are(pattern):
    assert said(hashed("acme-auth"), private=(pattern,)) == CONFUSED
    assert "its name is private" in unaskable(hashed("acme-auth"), {"pypi"}, (pattern,))


def test_a_private_name_that_two_indexes_may_answer_for_is_confusion():
    assert said(hashed("acme-auth", index=OWN, indexes=(PUBLIC,)), private=("acme-*",)) == CONFUSED
    assert said(hashed("acme-auth", index=OWN, indexes=(OWN + "/",)), private=("acme-*",)) == []


def test_a_private_file_on_another_host_is_confusion():
    assert said(hashed("acme-auth", index=OWN, url="https://evil.example/x.whl"), private=("acme-*",)) == CONFUSED


def test_a_private_name_by_its_url_on_the_public_index_is_confusion():
    public = hashed("acme-auth", source="url", location="https://files.pythonhosted.org/acme_auth.whl")
    assert CONFUSED[0] in said(public, private=("acme-*",))
    own = hashed("acme-auth", source="url", location="https://acme.example/acme_auth.whl")
    assert CONFUSED[0] not in said(own, private=("acme-*",))


def test_the_projects_own_folder_is_not_confused():
    assert said(package("acme-auth", source="path", local=True), private=("acme-*",)) == []


def test_private_scopes_of_npm_are_names_too():
    one = package("auth", namespace="@acme", ecosystem="npm", distributions=(Distribution("", STRONG),))
    assert said(one, private=("@acme/*",)) == CONFUSED


def test_two_indexes_at_once_warn_whatever_the_name():
    assert said(hashed(index=PUBLIC, indexes=(OWN,))) == MAYBE


def test_a_pattern_that_matches_nothing_is_said():
    assert said(hashed(), private=("acmee-*",)) == [("dependency.private-unmatched", "warning")]


def test_each_pattern_is_matched_by_itself():
    """The longest one counts, and the other is not taken for misspelt."""
    assert said(hashed("acme-auth", index=OWN), private=("acme-*", "acme-auth")) == []


@pytest.mark.parametrize(
    "pattern", ["", "*", "**", "-*", "acme-*-x", "acmе-*", "a b", "acme-\n", "a" * 500, "[acme]", "@/*"]
)
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(ConfigurationError, match="no pattern of names"):
        HygieneRules(private=(pattern,))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pypi",
        "ftp://pypi.org/simple",
        "https://",
        "https://me:secret@pypi.acme.example/simple",
        "https://a.example/?x=1",
    ],
)
def test_what_is_no_url_of_an_index_is_refused_and_its_password_not_shown(url):
    with pytest.raises(ConfigurationError) as caught:
        HygieneRules(allowed_indexes=(url,))
    assert "secret" not in str(caught.value)
