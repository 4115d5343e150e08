"""Documents are the same wherever they are made, and are handed out only if they keep the schema."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import ROOT
from tests.support.sboms.written import FORMS, MOMENT, catalog, one
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import replace
from verifier.formats.bom import document as bom_document
from verifier.formats.bom.component import Hash
from verifier.formats.cyclonedx import schema
from verifier.formats.cyclonedx.writing import components
from verifier.sbom import generate as writing
from verifier.sbom.generate import generate, written
from verifier.sbom.reading import read_bom

PROGRAM = """
import sys
from tests.support.sboms.written import MOMENT, catalog
from verifier.sbom.generate import generate
sys.stdout.buffer.write(generate(catalog(), form=sys.argv[1], timestamp=MOMENT, files=True))
"""


def made_by_another_process(form, folder, **environment):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", PROGRAM, form]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml", "spdx"])
def test_two_processes_make_the_same_bytes(form, tmp_path):
    one_way = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}
    other_way = {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONUTF8": "1"}
    here = generate(catalog(), form=form, timestamp=MOMENT, files=True)
    assert made_by_another_process(form, ROOT, **one_way) == made_by_another_process(form, tmp_path, **other_way)
    assert made_by_another_process(form, tmp_path, **one_way) == here


@pytest.mark.parametrize(("form", "version"), FORMS)
def test_what_is_made_keeps_the_official_schema(form, version):
    assert written(catalog(), form=form, spec_version=version, timestamp=MOMENT, files=True).validated


@pytest.mark.parametrize(("form", "version"), FORMS)
def test_the_strict_reader_finds_nothing_to_doubt(form, version):
    assert read_bom(generate(catalog(), form=form, spec_version=version), subject="own").findings == ()


@pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml"])
def test_what_does_not_keep_it_is_not_handed_out(form, monkeypatch):
    monkeypatch.setattr(components, "hashes_of", lambda _: [{"alg": "ROT-13", "content": "x"}])
    with pytest.raises(Refused) as refused:
        generate(catalog(), form=form)
    assert refused.value.reasons[0].code == "sbom.invalid"


@pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml"])
def test_without_the_extra_it_is_written_and_that_nobody_checked_is_said(form, monkeypatch):
    as_it_is = written(catalog(), form=form)
    schema._json_validator.cache_clear()
    schema.xml_schema.cache_clear()
    for name in ("jsonschema_rs", "cyclonedx", "cyclonedx.schema", "lxml", "lxml.etree"):
        monkeypatch.setitem(sys.modules, name, None)
    without = written(catalog(), form=form)
    assert (without.content, without.validated) == (as_it_is.content, False)


def test_a_version_that_is_not_written_is_refused():
    with pytest.raises(ConfigurationError, match="is not written, expected one of"):
        generate(catalog(), spec_version="1.4")


def test_more_components_than_a_document_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(writing, "MAX_COMPONENTS", 2)
    with pytest.raises(Refused) as refused:
        generate(catalog())
    assert refused.value.reasons[0].code == "input.too-large"
    assert bom_document.MAX_COMPONENTS == 200_000


@pytest.mark.parametrize("refs", [("a", "a"), ("", "b"), ("", "")])
def test_two_components_with_one_ref_are_refused(refs):
    listed = [one(str(at), ref=ref) for at, ref in enumerate(refs)]
    with pytest.raises(Refused) as refused:
        generate(catalog(*listed))
    assert refused.value.reasons[0].code == "sbom.invalid"


def test_an_empty_catalogue_is_a_document_too():
    made = replace(catalog(), components=(), dependencies=(), integrity=None)
    for form, version in FORMS:
        assert written(made, form=form, spec_version=version).validated
    assert json.loads(generate(made))["components"] == []


def steps(count):
    """How many calls it takes to write so many components."""
    listed = [one(f"package-{at:06}", ref=f"ref-{at:06}", hashes=(Hash("SHA-256", "a" * 64),)) for at in range(count)]
    edges = tuple((each.ref, (listed[at - 1].ref,)) for at, each in enumerate(listed) if at)
    made, calls = catalog(*listed, dependencies=edges), 0

    def count_call(_, event, __):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count_call)
    try:
        generate(made)
    finally:
        sys.setprofile(None)
    return calls


def test_twice_the_components_are_twice_the_steps():
    steps(1)  # what is loaded once
    assert 200 < steps(400) <= 2.2 * steps(200)
