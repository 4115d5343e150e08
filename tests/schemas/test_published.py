"""The schemas in docs/schemas: each is one that tools understand, and takes what the program really says."""

import json
import tomllib

import jsonschema
import pytest

from tests.support.command import run
from tests.support.material import NOW
from tests.support.places import ROOT
from verifier.audit.exceptions.reading import read_exceptions
from verifier.core.reasons.table import CATALOGUE

FOLDER = ROOT / "docs/schemas"
PUBLISHED = sorted(FOLDER.glob("*.json"))


def schema(name):
    return json.loads((FOLDER / name).read_text())


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_each_is_a_schema_with_the_name_of_its_file(path):
    content = json.loads(path.read_text())
    jsonschema.validators.validator_for(content).check_schema(content)
    assert content["$id"] == f"https://policy-verifier.dev/schemas/{path.name}"
    assert content["title"]
    assert content["description"]


@pytest.mark.parametrize("asked", [(), ("version",), ("version.rollback",)])
def test_the_catalogue_is_printed_as_its_schema_says(asked):
    answer = run("explain", *asked, "--format", "json")
    document = json.loads(answer.out)
    jsonschema.validate(document, schema("catalogue-v1.json"))
    assert answer.status == 0
    wanted = [code for code in CATALOGUE if not asked or code == asked[0] or code.startswith(f"{asked[0]}.")]
    assert [row["code"] for row in document["codes"]] == wanted


def test_a_code_that_is_not_there_is_no_empty_catalogue():
    answer = run("explain", "version.rolback", "--format", "json")
    assert (answer.status, answer.out) == (2, "")
    assert "version.rollback" in answer.err


EXCEPTIONS = """
[[exception]]
id = "CVE-2019-10906"
package = "pkg:pypi/jinja2"
status = "not_affected"
justification = "vulnerable_code_not_in_execute_path"
reason = "no sandbox is used"
owner = "team-web@acme.example"
expires = "{date}"

[[unknown]]
package = "acme-models"
reason = "built here"
owner = "team-ml@acme.example"
expires = "{date}"
"""


def test_a_file_of_exceptions_that_is_read_fits_its_schema():
    text = EXCEPTIONS.format(date=f"{NOW:%Y}-12-31")
    assert read_exceptions(text.encode(), where="exceptions.toml", now=NOW).exemptions
    jsonschema.validate(tomllib.loads(text), schema("exceptions-v1.json"))


@pytest.mark.parametrize("slip", [("owner", "ownr"), ("not_affected", "unaffected"), ('id = "CVE-2019-10906"\n', "")])
def test_a_slip_in_a_file_of_exceptions_is_seen_by_an_editor(slip):
    text = EXCEPTIONS.format(date="2026-12-31").replace(*slip, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), schema("exceptions-v1.json"))
