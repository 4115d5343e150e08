"""What a signed SBOM is about, where that is itself a package of an index."""

from datetime import timedelta

import pytest

from tests.support.audit.gated import RELEASE, gated, records, rule
from tests.support.audit.osv import document, entry
from tests.support.material import NOW
from tests.support.stories import codes, signed, statement, verify
from verifier.core.uris import CYCLONEDX_BOM

CONTENT = signed()
JINJA = document(id="PYSEC-2019-217", aliases=["CVE-2019-10906"], affected=[entry(name="jinja2")])


def component(name, version):
    purl = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "name": name, "version": version, "bom-ref": purl, "purl": purl}


@pytest.fixture
def judged(tmp_path):
    database = records(tmp_path, JINJA, modified=NOW - timedelta(days=1))

    def codes_of(name, version, *listed, section=None):
        bom = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": component(name, version)},
            "components": [component(*each) for each in listed],
        }
        documents = (statement(CONTENT, RELEASE, CYCLONEDX_BOM, **bom),)
        return codes(verify(CONTENT, gated(section), attestations=documents, advisories=database).verdict)

    yield codes_of
    database.close()


def test_what_the_sbom_is_about_counts_where_it_is_affected_itself(judged):
    assert judged("jinja2", "2.10", ("markupsafe", "2.0")) == ["vulnerability.known"]
    assert judged("Jinja2", "2.11", ("markupsafe", "2.0")) == []


def test_ones_own_project_need_not_be_known_to_anybody(judged):
    assert judged("acme-app", "1.0", ("markupsafe", "2.0")) == []
    assert judged("acme-app", "1.0", ("markupsafe", "2.0"), section=rule(private=("acme-*",))) == []


def test_what_is_clean_itself_is_no_answer_about_what_it_needs(judged):
    assert judged("jinja2", "2.11") == ["vulnerability.not-audited"]
