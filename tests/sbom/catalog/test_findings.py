"""However much is strange about an artifact, what is said of it stays short enough to be read."""

from collections import Counter

from tests.support.sboms.installed import dist_info
from tests.support.sboms.made import contents
from verifier.core.limits import MAX_FINDINGS
from verifier.sbom.catalog.table import catalog_of


def lying(number):
    """So many distributions that are called otherwise than their folders."""
    files = {}
    for each in range(number):
        files |= dist_info(f"name{each}", "9.9", folder=f"name{each}-1.0.dist-info")
    return catalog_of(contents(files)).findings


def test_of_many_findings_of_one_kind_the_first_are_told_and_how_many_more():
    findings = lying(MAX_FINDINGS + 50)
    assert Counter(each.code for each in findings)["package.contradictory"] == MAX_FINDINGS + 1
    assert "50 more" in [each for each in findings if each.code == "package.contradictory"][-1].message


def test_as_many_as_are_told_are_told_whole():
    findings = lying(MAX_FINDINGS)
    assert Counter(each.code for each in findings)["package.contradictory"] == MAX_FINDINGS
    assert not [each for each in findings if "more like these" in each.message]
