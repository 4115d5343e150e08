"""The report for a person: the answer first, nothing hidden, nothing that moves the cursor."""

import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.stories import URI, archive, policy, signed, verify
from tests.support.verdicts import dossier, verdicts
from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.core.verdict import Decision
from verifier.reports.table import Screen
from verifier.reports.terminal import render

ESCAPES = ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[1m", "\x1b[2m", "\x1b[0m")


def test_the_answer_comes_first():
    assert render(dossier(verify().verdict)).startswith("PASSED  bundle:authz 1.0.0\n")
    assert render(dossier(verify(archive()).verdict)).startswith("FAILED  bundle:authz 1.0.0\n")


def test_what_could_not_be_decided_says_so():
    verdict = verify(ledger=refuse("ledger.corrupt", "l", "m"), record=True).verdict
    assert render(dossier(verdict)).startswith("FAILED  bundle:authz 1.0.0  (could not be decided)\n")


def test_everything_it_rests_on_is_shown():
    verdict = verify(signed(), resource_uri=URI).verdict
    text = render(dossier(verdict))
    for fact in (
        str(verdict.subject.digest),
        URI,
        "p256 (opa-signature, signed 2026-11-21T12:00:00Z)",
        verdict.policy.uri,
        "2026-11-21T12:00:00Z",
        "story",
    ):
        assert fact in text


def test_every_reason_is_shown_with_its_message_and_hint():
    verdict = verify(archive()).verdict
    text = " ".join(render(dossier(verdict)).split())
    for reason in verdict.reasons:
        assert f"{reason.severity.value} {reason.code} {reason.subject}" in text
        assert reason.message in text
        assert reason.hint in text


def dated(content=None, **asked):
    return verify(archive() if content is None else content, policy(freshness=timedelta(days=1)), **asked).verdict


def test_what_follows_from_another_reason_is_shown_below_it_in_a_line():
    verdict = dated()
    text = render(dossier(verdict))
    assert [each.code for each in verdict.reasons if each.is_error] == ["signature.missing", "freshness.no-signed-time"]
    assert text.count("\nerror  ") == 1
    assert text.index("error   signature.missing") < text.index("and so freshness.no-signed-time: ")


def test_what_follows_from_something_that_is_not_there_stands_for_itself():
    reasons = [replace(each, follows="signer.revoked") for each in verify(archive()).verdict.reasons]
    text = render(dossier(replace(verify(archive()).verdict, reasons=tuple(reasons))))
    assert all(f"{each.severity.value:<8}{each.code}" in text for each in reasons)


def test_evidence_that_proves_nothing_says_so():
    verdict = verify(signed(key="p384")).verdict
    assert "nobody is proven (opa-signature)" in render(dossier(verdict))


@settings(max_examples=60)
@given(verdicts())
def test_hostile_text_moves_no_cursor(verdict):
    text = render(dossier(verdict))
    hidden = {unicodedata.category(character) for character in text.replace("\n", "")}
    assert not hidden & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


@settings(max_examples=60)
@given(verdicts())
def test_colours_add_only_colours(verdict):
    coloured = render(dossier(verdict), Screen(colours=True))
    for escape in ESCAPES:
        coloured = coloured.replace(escape, "")
    assert coloured == render(dossier(verdict))


def test_hostile_text_cannot_forge_a_line():
    verdict = verify().verdict
    forged = replace(verdict.subject, name="authz\nPASSED  bundle:other", version="1\r\x1b[2K")
    lines = render(dossier(replace(verdict, subject=forged, correlation_id="x\nPASSED"))).splitlines()
    assert [line for line in lines if line.startswith("PASSED")] == [lines[0]]


@pytest.mark.parametrize("width", [60, 100, 120])
def test_messages_are_wrapped_to_the_width_where_words_allow(width):
    verdict = verify(archive(), name="authz").verdict
    lines = render(dossier(verdict), Screen(columns=width)).splitlines()
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines if line.startswith(" " * 8))


@given(st.lists(st.text("ab", min_size=1, max_size=90), min_size=1, max_size=20), st.integers(60, 120))
def test_wrapping_keeps_every_word_and_fills_every_line(words, width):
    reason = Reason(code="input.unreadable", subject="s", message=" ".join(words), hint="(end)")
    denied = replace(verify().verdict, decision=Decision.FAILED, levels=("FAILED",), reasons=(reason,))
    lines = render(dossier(denied), Screen(columns=width)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("error")) + 1
    wrapped = lines[start : lines.index(" " * 8 + "-> (end)")]
    assert " ".join(line.strip() for line in wrapped).split(" ") == words
    for line, following in pairwise(wrapped):
        assert len(line) + 1 + len(following.split()[0]) > width


def test_facts_are_wrapped_under_themselves():
    lines = render(dossier(verify().verdict), Screen(columns=60)).splitlines()
    run = next(number for number, line in enumerate(lines) if line.startswith("run "))
    assert lines[run + 1].startswith(" " * 8)


def test_a_digest_stays_in_one_piece():
    digest = f"sha256:{'0' * 64}"
    verdict = verify(ledger=refuse("ledger.corrupt", "l", f"the head was {digest} before"), record=True).verdict
    assert digest in render(dossier(verdict), Screen(columns=60))
