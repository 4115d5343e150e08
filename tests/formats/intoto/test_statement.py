"""Reading in-toto statements, and matching their subjects."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes
from verifier.core.digest import Digest, Digests
from verifier.core.errors import Refused
from verifier.core.limits import MAX_DIGESTS, MAX_SUBJECTS
from verifier.formats.intoto.statement import matching_subject, parse_statement

V1, V0_1 = "https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"
SUBJECT = {"name": "authz", "digest": {"sha256": "ab" * 32}}
AB, CD = Digest(algorithm="sha256", value="ab" * 32), Digest(algorithm="sha256", value="cd" * 32)


def make(**changes):
    return json.dumps({"_type": V1, "subject": [SUBJECT], "predicateType": "t", "predicate": {}} | changes).encode()


def parse(document):
    return parse_statement(document, subject="s")


def refusal(document):
    with pytest.raises(Refused) as refused:
        parse(document)
    return codes(refused)


@pytest.mark.parametrize("kind", [V1, V0_1])
def test_both_versions_are_read(kind):
    statement = parse(make(_type=kind, predicate={"a": [1]}))
    assert (statement.predicate_type, statement.predicate) == ("t", {"a": [1]})
    assert [(each.name, each.digests) for each in statement.subjects] == [("authz", (AB,))]


@pytest.mark.parametrize("kind", ["", None, 1, V1 + "/", "https://in-toto.io/Statement/v2", V1.upper()])
def test_another_type_is_refused(kind):
    assert refusal(make(_type=kind)) == ["attestation.invalid"]


@pytest.mark.parametrize(
    "subjects",
    [
        [],
        None,
        {},
        ["x"],
        [{}],
        [{"name": "a"}],
        [{"name": "a", "digest": {}}],
        [{"name": "a", "digest": {"sha256": 5}}],
        [{"name": "a", "digest": {"sha256": ""}}],
        [{"name": "a", "digest": {"": "x"}}],
        [{"name": "a", "digest": {"sha256": "AB" * 32}}],
        [{"name": "a", "digest": {"sha256": "ab"}}],
        [SUBJECT, {"name": 5, "digest": {"sha256": "ab" * 32}}],
    ],
)
def test_a_subject_that_identifies_nothing_is_refused(subjects):
    assert refusal(make(subject=subjects)) == ["attestation.invalid"]


def test_a_subject_listed_twice_is_refused():
    assert refusal(make(subject=[SUBJECT, SUBJECT])) == ["attestation.invalid"]


def test_one_name_may_have_several_digests():
    other = {"name": "authz", "digest": {"sha256": "cd" * 32}}
    assert len(parse(make(subject=[SUBJECT, other])).subjects) == 2


def test_subjects_and_digests_are_bounded():
    many = [{"name": str(n), "digest": {"sha1": "00"}} for n in range(MAX_SUBJECTS + 1)]
    assert len(parse(make(subject=many[:-1])).subjects) == MAX_SUBJECTS
    assert refusal(make(subject=many)) == ["attestation.invalid"]
    digests = {f"a{n}": "00" for n in range(MAX_DIGESTS + 1)}
    assert refusal(make(subject=[{"name": "a", "digest": digests}])) == ["attestation.invalid"]


def test_an_unknown_field_is_ignored_as_the_specification_demands():
    assert parse(make(comment="x")).predicate_type == "t"


@pytest.mark.parametrize("key", ["Subject", "predicatetype", "\u017fubject", "_Type"])
def test_a_case_variant_key_is_refused(key):
    assert refusal(make(**{key: "x"})) == ["json.case-variant-key"]


def test_a_case_variant_key_in_a_subject_is_refused():
    assert refusal(make(subject=[SUBJECT | {"Digest": {"sha256": "cd" * 32}}])) == ["json.case-variant-key"]


@pytest.mark.parametrize(
    "document",
    [
        make().replace(b'"subject":', b'"subject": [], "subject":'),
        make().replace(b'"sha256":', b'"sha256": "x", "sha256":'),
        make(predicate={"a": 1}).replace(b'"a":', b'"a": 2, "a":'),
    ],
)
def test_a_duplicate_key_anywhere_is_refused(document):
    assert refusal(document) == ["json.duplicate-key"]


@pytest.mark.parametrize("predicate", [5, [], False])
def test_a_predicate_that_is_no_object_is_refused(predicate):
    assert refusal(make(predicate=predicate)) == ["attestation.invalid"]


@pytest.mark.parametrize("kind", ["https://slsa.dev/verification_summary/v1", "https://SLSA.dev/provenance/v2"])
def test_a_text_in_the_place_of_a_predicate_that_means_something_here_is_refused(kind):
    assert refusal(make(predicate="x", predicateType=kind)) == ["attestation.invalid"]


def test_a_text_in_the_place_of_any_other_predicate_means_nothing():
    assert parse(make(predicate="SPDXVersion: SPDX-2.3")).predicate == {}


def test_an_absent_predicate_is_empty():
    assert parse(make(predicate=None)).predicate == {}


def test_the_subject_with_the_digest_matches():
    statement = parse(make(subject=[{"name": "other", "digest": {"sha256": "cd" * 32}}, SUBJECT]))
    assert matching_subject(statement, Digests(AB)).name == "authz"
    assert matching_subject(statement, Digests(Digest(algorithm="sha256", value="ef" * 32))) is None


def test_a_value_under_another_algorithm_does_not_match():
    statement = parse(make(subject=[{"digest": {"sha512": "ab" * 32}}]))
    assert matching_subject(statement, Digests(AB)) is None


def test_a_subject_that_contradicts_one_of_the_artifact_s_digests_does_not_match():
    statement = parse(make(subject=[{"name": "a", "digest": {"sha256": "ab" * 32, "gitCommit": "1"}}]))
    assert matching_subject(statement, Digests(AB, Digest(algorithm="gitCommit", value="1"))).name == "a"
    assert matching_subject(statement, Digests(AB, Digest(algorithm="gitCommit", value="2"))) is None
    assert matching_subject(statement, Digests(AB, Digest(algorithm="sha1", value="2"))).name == "a"


def test_nothing_matches_an_artifact_without_digests():
    assert matching_subject(parse(make()), Digests()) is None


@given(st.binary(max_size=120))
def test_any_bytes_parse_or_are_refused(document):
    with suppress(Refused):
        parse(document)
