"""Our own documents of any artifact are true: written, read again and compared, in every format."""

from datetime import UTC, datetime

import pytest

from tests.support.sboms.drawn import KINDS
from tests.support.sboms.locks import SMALL
from tests.support.sboms.made import contents
from verifier.formats.bom.component import FILE
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare, wants_files
from verifier.sbom.compare.tools import OWN_TOOL
from verifier.sbom.generate import generate
from verifier.sbom.reading import read_bom

SEEDS = range(10)
FORMS = ["cyclonedx", "cyclonedx-xml", "spdx"]
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def written(artifact, form="cyclonedx", *, files=False):
    catalog = catalog_of(artifact, files=files)
    content = generate(catalog, form=form, timestamp=NOW, files=files)
    return read_bom(content, subject="sbom")


def unexpected(comparison, form):
    """SPDX has no place for the digests of several files of one package: they are not compared, and that is said."""
    reasons = list(comparison.reasons())
    if form == "spdx":
        return [each for each in reasons if "only one side has all digests" not in each.message]
    return reasons


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_an_artifact_is_all_the_same(kind, form, seed):
    artifact = KINDS[kind](seed)
    document = written(artifact, form, files=True)
    comparison = compare(document, catalog_of(artifact, files=wants_files(document)), strict=True)
    assert comparison.tool == OWN_TOOL
    assert unexpected(comparison, form) == []
    assert comparison.ratio == 1
    assert comparison.total.same == len(catalog_of(artifact, files=True).components)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_without_files_is_true_of_what_it_lists(kind, form):
    artifact = KINDS[kind](1)
    document = written(artifact, form)
    for files in (False, True):
        comparison = compare(document, catalog_of(artifact, files=files))
        assert [each for each in comparison.reasons() if each.is_error] == []
        assert comparison.ratio == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SMALL)
def test_a_document_of_any_lock_is_all_the_same(name, form):
    artifact = contents({name: SMALL[name].encode()}, kind="project", version=None)
    comparison = compare(written(artifact, form), catalog_of(artifact), strict=True)
    assert unexpected(comparison, form) == []
    assert comparison.ratio == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_component_that_is_taken_out_is_told(kind, form):
    """End to end: hidden in the artifact's own document, each by its path or purl."""
    artifact = KINDS[kind](3)
    whole = catalog_of(artifact, files=True)
    document = written(artifact, form, files=True)
    for hidden in document.components[:12]:
        rest = tuple(each for each in document.components if each is not hidden)
        lying = type(document)(**{**_fields(document), "components": rest})
        comparison = compare(lying, whole, strict=True)
        (reason,) = (each for each in comparison.reasons() if each.is_error)
        assert reason.code == "sbom.contents-mismatch"
        assert reason.message.startswith("missing: ")
        assert reason.subject in {hidden.path, hidden.purl, hidden.name, f"{hidden.name}@{hidden.version}"} - {""}
        assert comparison.total.missing == 1


def _fields(document):
    return {name: getattr(document, name) for name in type(document).__annotations__}


@pytest.mark.parametrize("kind", KINDS)
def test_two_artifacts_of_one_kind_are_not_true_of_each_other(kind):
    one, other = KINDS[kind](4), KINDS[kind](5)
    comparison = compare(written(one, files=True), catalog_of(other, files=True))
    assert any(each.is_error for each in comparison.reasons())


@pytest.mark.parametrize("kind", ["image", "environment"])
def test_one_byte_of_one_file_is_told_by_its_path(kind):
    artifact = KINDS[kind](6)
    document = written(artifact, files=True)
    path = next(each.path for each in document.components if each.ecosystem == FILE and each.path.startswith("opt/"))
    artifact.files.content[path] += b"\n"
    (reason,) = (each for each in compare(document, catalog_of(artifact, files=True)).reasons() if each.is_error)
    assert reason.subject == path
    assert reason.message.startswith("altered: the SBOM has SHA-256 ")
