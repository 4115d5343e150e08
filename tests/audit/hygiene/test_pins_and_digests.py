"""Hygiene: is every package pinned, and to bytes that nobody can forge?"""

import pytest

from tests.support.audit.made import NOW, package
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.hygiene.table import judge_hygiene
from verifier.core.severity import Severity
from verifier.formats.bom.component import Distribution, Hash

STRONG, WEAK, WEAKER = Hash("SHA-256", "a" * 64), Hash("SHA-1", "b" * 40), Hash("MD5", "c" * 32)
NOTHING = HygieneRules()
HASHES = HygieneRules(require_hashes=True)


def files(*hashes):
    return tuple(Distribution("", each) for each in hashes)


def judged(*packages, rules=NOTHING):
    return judge_hygiene(packages, rules, NOW)


def said(*packages, rules=NOTHING):
    return [(each.code, each.severity.value) for each in judged(*packages, rules=rules)]


def test_a_pinned_and_hashed_package_of_the_public_index_is_fine():
    assert said(package(distributions=files((STRONG,), (STRONG, WEAK))), rules=HASHES) == []


def test_what_was_resolved_just_now_is_pinned_nowhere():
    assert said(package(resolved=True, distributions=files((STRONG,)))) == [("dependency.unpinned", "warning")]


def test_a_missing_digest_warns():
    assert said(package()) == [("dependency.hash-missing", "warning")]


def test_a_missing_digest_denies_where_digests_are_required():
    [reason] = judged(package(), rules=HASHES)
    assert (reason.code, reason.severity, reason.subject) == (
        "dependency.hash-missing",
        Severity.ERROR,
        "pkg:pypi/jinja2@2.10",
    )
    assert reason.message == "requirements.txt:1: it has no digest of any file"


def test_one_file_without_a_digest_is_enough():
    [reason] = judged(package(distributions=files((STRONG,), ())))
    assert reason.message == "pkg:pypi/jinja2@2.10 has no digest of 1 of 2 files"


@pytest.mark.parametrize("weak", [(WEAK,), (WEAKER,), (WEAK, WEAKER)])
def test_a_weak_digest_denies_whatever_is_asked_for(weak):
    assert said(package(distributions=files(weak))) == [("dependency.hash-weak", "error")]


def test_a_weak_digest_beside_a_strong_one_of_the_same_file_is_fine():
    assert said(package(distributions=files((WEAKER, STRONG)))) == []


def test_a_weak_digest_of_another_file_denies():
    [reason] = judged(package(distributions=files((STRONG,), (WEAKER,))))
    assert (reason.code, reason.message) == (
        "dependency.hash-weak",
        "requirements.txt:1: it has a file that only MD5 pins",
    )


def test_what_is_unpinned_warns_beside_being_unknown():
    codes = said(package(version=None, asked=">=2", distributions=files((STRONG,))))
    assert codes == [("dependency.unpinned", "warning")]


def test_what_is_unpinned_denies_where_digests_are_required():
    [reason] = judged(package(version=None, asked=">=2", distributions=files((STRONG,))), rules=HASHES)
    assert (reason.code, reason.severity) == ("dependency.unpinned", Severity.ERROR)
    assert reason.message.endswith("it has no version, and asks for '>=2'")


def test_a_hundred_packages_without_a_digest_are_one_warning_a_file():
    packages = [package(f"p{each}", line=each, file=f"{each % 2}.txt") for each in range(100)]
    reasons = judged(*packages)
    assert [each.subject for each in reasons] == ["0.txt", "1.txt"]
    assert reasons[0].message.startswith("pkg:pypi/p0@2.10 has no digest of any file; so or alike: pkg:pypi/p2@2.10,")
    assert reasons[0].message.endswith(" and 45 more")


def test_a_hundred_packages_without_a_digest_are_a_hundred_errors_where_digests_are_required():
    assert len(judged(*[package(f"p{each}") for each in range(100)], rules=HASHES)) == 100


@pytest.mark.parametrize(
    "more",
    [{"source": "path", "local": True}, {"source": "git", "local": True}],
)
def test_what_the_project_is_made_of_needs_neither(more):
    assert said(package(version=None, **more), rules=HASHES) == []


def test_a_url_needs_a_digest():
    found = said(package(version=None, source="url", location="https://acme.example/jinja2.whl"), rules=HASHES)
    assert found == [("dependency.hash-missing", "error"), ("dependency.not-from-index", "warning")]


@pytest.mark.parametrize("ecosystem", ["deb", "rpm", "apk", "generic", "oci", ""])
def test_packages_of_a_distribution_are_none_of_an_index(ecosystem):
    rules = HygieneRules(require_hashes=True, allowed_indexes=("https://pypi.org/simple",), private=("acme-*",))
    codes = {code for code, _ in said(package(ecosystem=ecosystem), rules=rules)}
    assert codes == {"dependency.private-unmatched"}


def test_an_endless_name_leaves_the_message_readable():
    [reason] = judged(package("a" * 100_000, version=None, asked="9" * 100_000, distributions=files((STRONG,))))
    assert len(reason.message) < 1_000


def test_the_standard_library_of_go_has_no_digest_of_its_own():
    assert said(package("stdlib", "1.22.3", ecosystem="golang"), rules=HASHES) == []
    assert said(package("stdlib", "1.22.3", ecosystem="npm"), rules=HASHES) == [("dependency.hash-missing", "error")]
