"""The hook, given a file of several documents in a verdict's place: as strict as with one, in whatever order."""

import json

import pytest

from tests.support.loading.emitted import CONTENT, DIGEST, RUNTIME, emit
from tests.support.material import NOW, envelope, statement
from tests.support.stories import NAME, URI, VERIFIER, codes
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.preload import preload

OTHER = envelope(statement(DIGEST.value, "https://example.org/source-provenance/v1"), "p384").strip()
DENIAL = envelope(
    statement(
        DIGEST.value,
        VERIFICATION_SUMMARY,
        verifier={"id": VERIFIER},
        resourceUri=URI,
        policy={"uri": "x"},
        verificationResult="FAILED",
        verifiedLevels=["FAILED"],
    ),
    "p384",
).strip()


def verdict() -> bytes:
    return emit().strip()


def lines(*documents):
    return b"\n".join(documents)


def array(*documents):
    return json.dumps([json.loads(each) for each in documents]).encode()


@pytest.fixture
def load(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as ledger:
        yield lambda document: preload(
            CONTENT, RUNTIME, document, ledger, name=NAME, resource_uri=URI, now=NOW, correlation_id="story"
        )


@pytest.mark.parametrize("together", [lines, array])
def test_hands_on_the_bytes_where_one_is_the_verdict(load, together):
    for order in ((verdict(), OTHER), (OTHER, verdict())):
        loaded = load(together(*order))
        assert (loaded.verdict.passed, loaded.content) == (True, CONTENT)


@pytest.mark.parametrize("together", [lines, array])
def test_hands_on_nothing_where_one_is_a_denial(load, together):
    for order in ((verdict(), DENIAL), (DENIAL, verdict())):
        loaded = load(together(*order))
        assert ("verdict.failed" in codes(loaded.verdict), loaded.verified) == (True, None)


@pytest.mark.parametrize("junk", [b"7", b"[]", b'{"payloadType": 1}', OTHER[:-9]])
def test_hands_on_nothing_where_one_cannot_be_judged_to_its_end(load, junk):
    loaded = load(lines(verdict(), b"{" + junk + b"}"))
    assert (loaded.verdict.passed, loaded.verified) == (False, None)
