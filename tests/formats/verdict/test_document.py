"""The document of a verdict: what is written is what is read, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings

from tests.support.ledgers.memory import MemoryLedger
from tests.support.stories import URI, archive, policy, signed, verify
from tests.support.verdicts import EVIDENCE, POLICIES, REASONS, SUBJECTS, TRACES, dossier, verdicts
from verifier.core.errors import Refused
from verifier.core.outcome import MAX_REASON_TEXT
from verifier.core.reasons.table import CATALOGUE
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.verdict import parts
from verifier.formats.verdict.document import SCHEMA, read, write
from verifier.reports.json import render

PASSED, FAILED = (
    verify(signed(), resource_uri=URI, ledger=MemoryLedger(), record=True).verdict,
    verify(archive()).verdict,
)


def fields(value) -> Fields:
    return Fields.of(value, code="cache.corrupt", subject="s")


def is_text(verdict) -> bool:
    """Whether it holds whole characters only: half a one is refused by strict readers of JSON."""
    try:
        return bool(json.dumps(write(verdict), ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def refused(document) -> str:
    """Why it is refused; each with the code of documents of verdicts."""
    with pytest.raises(Refused) as caught:
        read(document)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("verdict.malformed", "report")
    assert "--format json" in reason.hint
    return reason.message


def changed(verdict, *path, to) -> dict:
    """The document with another value at `path`."""
    document = write(verdict)
    *way, last = path
    place = document
    for step in way:
        place = place[step]
    place[last] = to
    return document


def without(verdict, *path) -> dict:
    document = changed(verdict, *path, to=None)
    place = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document


def members() -> list[tuple[str | int, ...]]:
    """Where the members of a document are that has every part: each has its place in `write`."""
    document = EVERY_PART
    found: list[tuple[str | int, ...]] = []

    def walk(value, path):
        if isinstance(value, dict):
            for name, member in value.items():
                found.append((*path, name))
                walk(member, (*path, name))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            walk(value[0], (*path, 0))

    walk(write(document), ())
    return [path for path in found if path[-2:-1] != ("digest",) and path[:2] != ("verifier", "version")]


EVERY_PART = replace(
    FAILED, ledger=PASSED.ledger, evidence=PASSED.evidence, verifier_version={"policy-verifier": "0"}, verifier_id="v"
)
MEMBERS = [*members(), ("verifier", "version")]


def named(path) -> str:
    return ".".join(map(str, path))


class TestWhatIsWrittenIsRead:
    @settings(max_examples=100)
    @given(verdicts())
    def test_as_the_same_verdict_whatever_it_holds(self, verdict):
        assert read(write(verdict)) == replace(verdict, dependency_levels=None)

    @settings(max_examples=60)
    @given(verdicts())
    def test_from_its_text_too(self, verdict):
        assume(is_text(verdict))
        document = strict_json.loads(render(dossier(verdict)).encode(), subject="report")
        assert read(document) == replace(verdict, dependency_levels=None)

    @pytest.mark.parametrize("verdict", [PASSED, FAILED, verify(b"").verdict, verify(name="other").verdict])
    def test_of_real_verdicts(self, verdict):
        assert read(write(verdict)) == replace(verdict, dependency_levels=None)
        assert write(verdict)["schema"] == SCHEMA

    @given(SUBJECTS, REASONS, EVIDENCE, POLICIES, TRACES)
    def test_part_by_part(self, subject, reason, item, policy, trace):
        assert parts.read_subject(fields(parts.write_subject(subject))) == subject
        assert parts.read_reason(fields(parts.write_reason(reason))) == reason
        assert parts.read_evidence(fields(parts.write_evidence(item))) == item
        assert parts.read_policy(fields(parts.write_policy(policy))) == policy
        assert parts.read_ledger(fields(parts.write_ledger(trace))) == trace

    def test_with_the_hint_that_every_code_has(self):
        assert all(code.remedy for code in CATALOGUE.values())

    def test_with_the_threat_that_this_release_knows(self):
        assert read(changed(FAILED, "reasons", 0, "threat", to="T-999")) == FAILED


class TestWhatContradictsItself:
    def test_passed_beside_an_error(self):
        document = write(FAILED) | {"verdict": "PASSED", "levels": ["POLICY_VERIFIER_SIGNED"]}
        assert "which its reasons do not lead to" in refused(document)

    def test_failed_without_an_error(self):
        assert "not at the level FAILED" in refused(write(FAILED) | {"reasons": []})

    def test_an_error_made_a_warning(self):
        document = write(FAILED)
        document["reasons"] = [each | {"severity": "warning"} for each in document["reasons"]]
        assert "not at the level FAILED" in refused(document)
        assert "do not lead to" in refused(document | {"levels": []})

    def test_failed_at_a_level(self):
        assert "which its reasons do not lead to" in refused(write(FAILED) | {"levels": ["SLSA_BUILD_LEVEL_3"]})

    def test_passed_at_the_level_failed(self):
        assert "not at the level FAILED" in refused(write(PASSED) | {"levels": ["FAILED"]})

    def test_passed_of_nothing_that_could_be_read(self):
        assert "nothing that could be read" in refused(changed(PASSED, "artifact", "digest", to=None))

    def test_reasons_out_of_order_or_twice(self):
        (error,), warning = write(FAILED)["reasons"][:1], write(FAILED)["reasons"][0] | {"severity": "warning"}
        for reasons in ([warning, error], [error, error]):
            assert "out of order" in refused(write(FAILED) | {"reasons": reasons})


class TestWhatFollowsFromAnotherReason:
    DATED = verify(archive(), policy(freshness=timedelta(days=1))).verdict

    def test_is_written_with_the_code_that_it_follows_from(self):
        assert [each.get("follows") for each in write(self.DATED)["reasons"][:2]] == [None, "signature.missing"]
        assert read(write(self.DATED)) == self.DATED

    def test_is_found_where_an_older_release_did_not_say_it(self):
        assert read(without(self.DATED, "reasons", 1, "follows")) == self.DATED

    @pytest.mark.parametrize("other", ["signer.revoked", "freshness.no-signed-time", "nothing", "archive.not-gzip"])
    def test_follows_from_nothing_else(self, other):
        assert refused(changed(self.DATED, "reasons", 1, "follows", to=other))

    def test_nothing_follows_that_does_not(self):
        assert refused(changed(self.DATED, "reasons", 0, "follows", to="freshness.no-signed-time"))


class TestWhatIsNoDocumentOfAVerdict:
    @pytest.mark.parametrize("value", [None, 1, "{}", [], {}])
    def test_another_value(self, value):
        assert refused(value)

    def test_another_version_is_named(self):
        assert refused(write(PASSED) | {"schema": "verifier/report/v2", "new": 1}).startswith(
            "schema is 'verifier/report/v2'"
        )

    @pytest.mark.parametrize("path", MEMBERS, ids=named)
    def test_without_a_member(self, path):
        assert refused(without(EVERY_PART, *path))

    @pytest.mark.parametrize("path", MEMBERS, ids=named)
    def test_with_a_member_of_another_type(self, path):
        assert refused(changed(EVERY_PART, *path, to=-1.5))

    @pytest.mark.parametrize(
        "path",
        sorted({path[:-1] for path in MEMBERS} - {("verifier", "version"), ("ruleDigest",)}, key=named),
        ids=named,
    )
    def test_with_a_member_that_nobody_knows(self, path):
        assert "is unknown" in refused(changed(EVERY_PART, *path, "stranger", to=1))

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("reasons", 0, "code"), "signature.unheard-of"),
            (("reasons", 0, "severity"), "fatal"),
            (("reasons", 0, "hint"), ""),
            (("reasons", 0, "message"), "x" * (MAX_REASON_TEXT + 1)),
            (("verdict",), "passed"),
            (("timeVerified",), "yesterday"),
            (("durationMs",), True),
            (("evidence", 0, "verified"), "yes"),
            (("evidence", 0, "digest"), {}),
            (("evidence", 0, "digest"), {"sha256": "00"}),
            (("evidence", 0, "digest"), {"sha256": "0" * 64, "sha512": "0" * 128}),
            (("artifact", "epoch"), True),
            (("levels",), ["FAILED", 1]),
        ],
    )
    def test_with_a_value_that_is_none_of_ours(self, path, value):
        assert refused(changed(EVERY_PART, *path, to=value))

    def test_with_a_key_that_others_read_as_a_known_one(self):
        with pytest.raises(Refused) as caught:
            read(write(PASSED) | {"Verdict": "FAILED"})
        assert [reason.code for reason in caught.value.reasons] == ["json.case-variant-key"]


def test_the_caller_says_with_which_code_a_part_is_refused():
    with pytest.raises(Refused) as caught:
        parts.read_policy(fields({"uri": "u"}))
    assert [reason.code for reason in caught.value.reasons] == ["cache.corrupt"]
