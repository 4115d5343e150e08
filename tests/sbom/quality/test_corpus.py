"""Documents of nine projects under every profile: nothing that they do not have is passed."""

import pytest

from tests.support.material import corpus
from verifier.core.errors import Refused
from verifier.sbom.quality.judge import PROFILES, judge_quality
from verifier.sbom.reading import read_bom

pytestmark = pytest.mark.corpus

SOUND = {
    "bom-examples/laravel-1.4.json": {"ntia": (6, 3, 5), "cisa-2025-draft": (6, 7, 4), "bsi-tr-03183-2": (7, 11, 5)},
    "protobom/curl.spdx.json": {"ntia": (6, 2, 6), "cisa-2025-draft": (7, 4, 6), "openchain-telco": (13, 9, 3)},
    "protobom/minimal-1.7.json": {"ntia": (1, 5, 8), "cisa-2025-draft": (1, 7, 9), "bsi-tr-03183-2": (3, 4, 16)},
    "sbomqs/photon.spdx.json": {"ntia": (5, 2, 7), "cisa-2025-draft": (5, 6, 6), "openchain-telco": (11, 11, 3)},
    "sbomqs/sbom_cdx.json": {"ntia": (7, 2, 5), "cisa-2025-draft": (8, 5, 4), "bsi-tr-03183-2": (6, 11, 6)},
    "spdx/example10-source.spdx.json": {"ntia": (5, 2, 7), "openchain-telco": (14, 8, 3)},
    "trivy/centos-7-cyclonedx.json": {"ntia": (6, 3, 5), "cisa-2025-draft": (5, 8, 4), "bsi-tr-03183-2": (5, 12, 6)},
}
"""Rules that are passed, failed, and not applicable, as counted by hand against the tables."""


def read(name):
    return read_bom((corpus("sbom/documents") / name).read_bytes(), subject=name)


@pytest.mark.parametrize("name", sorted(SOUND))
def test_a_document_comes_to_what_was_counted(name):
    for profile, counts in SOUND[name].items():
        report = judge_quality(read(name), profile)
        assert tuple(report.count(outcome) for outcome in ("passed", "failed", "not applicable")) == counts


def test_no_document_of_the_corpus_keeps_any_profile_and_each_is_told_why():
    judged = 0
    for path in sorted(corpus("sbom/documents").rglob("*.*")):
        try:
            found = read_bom(path.read_bytes(), subject=path.name)
        except Refused:
            continue
        for profile in PROFILES:
            report = judge_quality(found, profile)
            assert not report.conforms
            assert any(reason.is_error for reason in report.reasons())
            judged += 1
    assert judged >= 70
