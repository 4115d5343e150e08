"""Every fault, in turn, at every request of a run: none of them makes a package fine that is not known to be."""

from __future__ import annotations

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.services.faults import EVERYWHERE, OF_BATCHES, OF_RECORDS
from tests.support.audit.services.osv import osv, record
from verifier.audit.matching import Affected, is_live, judge
from verifier.audit.online.osv import OsvService
from verifier.core.reasons.table import CATALOGUE
from verifier.net.access import Access

RECORDS = (
    record("PYSEC-1-1", "acme", introduced="5.0", fixed="5.1"),
    record("PYSEC-1-2", "acme", introduced="6.0", fixed="6.1"),
    record("PYSEC-1-3", "acme", introduced="0.9", fixed="1.1"),
    record("PYSEC-2-1", "sound", introduced="5.0", fixed="5.1"),
)
VULNERABLE, SOUND = [package("acme", "1.0"), package("sound", "1.0")], [package("sound", "1.0")]
FAULTS = {**EVERYWHERE, **OF_BATCHES, **OF_RECORDS}
HARMLESS = {"missing page", "the same page"}
"""Where nothing on a later page matters, and where a page comes once more."""
QUICK = Access(timeout_s=0.3)
"""For what hangs: whatever is late beside it is a failure as well, and no test's."""


def recorded(packages):
    """The requests of a run in which nothing fails."""
    with osv(*RECORDS, page=2) as site:
        answers = OsvService(url=site.url).ask(packages, NOW)
    assert not answers.reasons
    return sorted(set(site.asked))


def applies(fault, asked):
    if fault in OF_BATCHES:
        return asked.method == "POST"
    return fault not in OF_RECORDS or asked.method == "GET"


def run(packages, fault, asked):
    """What is answered where `fault` becomes of each of the requests `asked`."""
    access = QUICK if fault == "hang" else Access()
    with osv(*RECORDS, page=2) as site:
        site.faults = dict.fromkeys(asked, FAULTS[fault])
        service = OsvService(url=site.url, access=access, pause=lambda _: None)
        return service.ask(packages, NOW)


def affected(answers, of):
    return {
        each.id for each in answers.records.get(of.purl, ()) if is_live(each) and judge(each, of) == Affected("range")
    }


def is_fine(answers, packages):
    """Whether an audit would end in 0."""
    errors = [each for each in answers.reasons if CATALOGUE[each.code].severity.name == "ERROR"]
    nothing = not any(affected(answers, each) for each in packages)
    answered = all(each.purl in answers.records and each.purl not in answers.unknown for each in packages)
    return nothing and answered and not errors and not answers.refused


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_request_is_never_fine(fault):
    asked = [each for each in recorded(VULNERABLE) if applies(fault, each)]
    assert asked
    for each in asked:
        answers = run(VULNERABLE, fault, [each])
        assert not is_fine(answers, VULNERABLE), str(each)
        whole = affected(answers, VULNERABLE[0]) == {"PYSEC-1-3"}
        assert whole or answers.reasons, str(each)
        assert {reason.code for reason in answers.reasons} <= {"vulnerability.source-unavailable"}


@pytest.mark.parametrize("fault", [each for each in FAULTS if each not in HARMLESS])
def test_what_is_fine_is_not_once_a_fault_hides_a_part_of_it(fault):
    asked = [each for each in recorded(SOUND) if applies(fault, each)]
    assert is_fine(run(SOUND, fault, []), SOUND)
    for each in asked:
        answers = run(SOUND, fault, [each])
        assert not is_fine(answers, SOUND), str(each)
        assert {reason.code for reason in answers.reasons} == {"vulnerability.source-unavailable"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_request_is_never_fine(fault):
    asked = [each for each in recorded(VULNERABLE) if applies(fault, each)]
    answers = run(VULNERABLE, fault, asked)
    assert not is_fine(answers, VULNERABLE)


@pytest.mark.parametrize("number", [429, 500, 503])
def test_what_fails_for_a_moment_is_asked_for_again(number):
    asked = recorded(SOUND)
    with osv(*RECORDS, page=2) as site:

        def once(each):
            def fault(exchange, value):
                del site.faults[each]
                FAULTS[f"status {number}"](exchange, value)

            return fault

        site.faults = {each: once(each) for each in asked}
        answers = OsvService(url=site.url, pause=lambda _: None, access=Access()).ask(SOUND, NOW)
    assert is_fine(answers, SOUND)
    assert not site.faults
    assert sorted(site.asked) == sorted(asked * 2)


def test_nobody_waits_for_an_hour():
    paused = []
    asked = recorded(SOUND)
    with osv(*RECORDS) as site:
        site.faults = dict.fromkeys(asked, FAULTS["status 429 for an hour"])
        answers = OsvService(url=site.url, pause=paused.append).ask(SOUND, NOW)
    assert paused == []
    assert "may be asked again in 3600 s, which is too long" in answers.reasons[0].message
