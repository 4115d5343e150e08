"""The ledger that state machines run on keeps the contract too, or what they find means nothing."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from tests.support.ledgers.contract import LedgerContract
from tests.support.ledgers.images_contract import ImagesContract
from tests.support.ledgers.memory import MemoryLedger


class TestMemory(LedgerContract, ImagesContract):
    @pytest.fixture
    def ledger(self):
        return MemoryLedger()

    def open_again(self, ledger):
        return nullcontext(ledger)
