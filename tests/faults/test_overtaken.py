"""Somebody asks for what stands just while something newer is accepted."""

from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.emitted import RUNTIME, emit
from tests.support.loading.loading import load, standing
from tests.support.stories import archive, signed
from verifier.loading.loader import Loader


def test_who_asks_while_something_newer_is_accepted_is_given_that(monkeypatch):
    """The older one was looked up, the newer one recorded, then the older one judged: it is no answer any more."""
    loader, newer = Loader(RUNTIME, MemoryLedger()), signed(archive("1.1.0"))
    load(loader)
    find, overtaken = loader._good.find, []

    def slowly(reference):
        held = find(reference)
        if not overtaken:
            overtaken.append(held)
            assert load(loader, newer, emit(newer)).verified is not None
        return held

    monkeypatch.setattr(loader._good, "find", slowly)
    assert standing(loader).verified.content == newer
    assert overtaken[0][0].content != newer
