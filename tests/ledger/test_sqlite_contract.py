"""SQLite keeps the ledgers' contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ledgers.contract import LedgerContract
from tests.support.ledgers.images_contract import ImagesContract
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.sqlite.url import ledger_path


class TestSqlite(LedgerContract, ImagesContract):
    @pytest.fixture
    def ledger(self, tmp_path: Path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as opened:
            yield opened

    def open_again(self, ledger):
        return open_ledger(ledger_path(ledger.url))
