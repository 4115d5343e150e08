"""No result is a yes by being there: `if result:` raises, and `require` raises on a denial."""

import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

import verifier
from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.emitted import RUNTIME
from tests.support.loading.loading import load
from tests.support.material import NOW
from tests.support.stories import NAME, archive, policy, signed, verify
from verifier.checks.version.compared import NOT_COMPARED
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Passed, Reason
from verifier.core.verdict import Decision
from verifier.engine.verification import Verification
from verifier.loading.loader import Loader
from verifier.loading.preload import preload

WRONG = Reason(code="version.rollback", subject="1.0.0", message="it is older")
GOOD, BAD = signed(), archive()


@pytest.fixture
def loader():
    return Loader(RUNTIME, MemoryLedger())


def results():
    for source in (GOOD, BAD):
        result = verify(source)
        yield from (result, result.verdict, result.verdict.decision)
    yield from (Passed(), Failed(reasons=(WRONG,)), CouldNotCheck(reasons=(WRONG,)), NotApplicable(why="nothing"))
    yield from (NOT_COMPARED, *Decision)


@pytest.mark.parametrize("result", list(results()), ids=lambda result: type(result).__name__)
def test_whether_it_is_there_says_nothing(result):
    for ask in (bool, lambda it: it and 1, lambda it: not it, lambda it: any([it])):
        with pytest.raises(TypeError, match=r"neither true nor false.*ask"):
            ask(result)


@pytest.mark.parametrize("source", [GOOD, BAD])
def test_what_a_loader_and_the_hook_answer_says_nothing_either(loader, source):
    for answer in (
        load(loader, source, verdict=None),
        preload(source, policy(), None, MemoryLedger(), name=NAME, now=NOW, correlation_id="c"),
    ):
        with pytest.raises(TypeError, match=r"verdict\.passed.*verified.*require"):
            bool(answer)


def test_a_result_is_equal_copied_and_shown_as_before():
    result = verify(GOOD)
    assert result == verify(GOOD, correlation_id=result.verdict.correlation_id)
    assert pickle.loads(pickle.dumps(result.verdict)) == result.verdict  # noqa: S301 - our own
    assert "PASSED" in repr(result)


ASKED = {"name": NAME, "policy": policy(), "now": NOW}


class TestRequire:
    def test_it_hands_on_the_bytes_that_were_verified(self):
        verified = verifier.require(GOOD, **ASKED)
        assert (verified.content, verified.digest) == (GOOD, Digest.of(GOOD))

    def test_it_raises_on_a_denial_and_carries_the_verdict(self):
        with pytest.raises(verifier.Denied, match=r"^bundle:authz is denied: signature\.missing: ") as denied:
            verifier.require(BAD, **ASKED)
        assert not denied.value.verdict.passed
        assert [reason.code for reason in denied.value.verdict.reasons if reason.is_error] == ["signature.missing"]
        assert isinstance(denied.value, verifier.VerifierError)

    def test_what_could_not_be_decided_is_a_denial(self):
        with pytest.raises(verifier.Denied) as denied:
            verifier.require(GOOD, previous=[b"nothing"], **ASKED)
        assert denied.value.verdict.undecided

    def test_of_a_loader(self, loader):
        asked = {"name": NAME, "now": NOW, "correlation_id": "c"}
        assert loader.require(GOOD, None, **asked).content == GOOD
        with pytest.raises(verifier.Denied):
            loader.require(BAD, None, **asked)

    def test_what_is_known_by_its_digest_has_no_bytes(self):
        passed = verify(GOOD).verdict
        with pytest.raises(ConfigurationError, match="only a digest"):
            Verification(verdict=passed).require()


class TestARefusal:
    """It is an exception, and no answer: whether there is one is asked by the standard library."""

    def test_it_comes_out_of_another_thread_as_itself(self):
        def refusing():
            raise refuse("input.unreadable", "a", "there is none")

        with ThreadPoolExecutor() as pool, pytest.raises(Refused):
            pool.submit(refusing).result()

    def test_it_can_be_shown(self):
        with pytest.raises(Refused) as refused:
            raise refuse("input.unreadable", "a", "there is none") from ValueError("why")
        assert "there is none" in "".join(traceback.format_exception(refused.value))
