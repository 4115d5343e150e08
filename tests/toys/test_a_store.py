"""What one more ledger back end costs: its folder and a row."""

import pytest

from tests.support.toys.house import House

STORE = '''"""A ledger that lasts as long as the process: SQLite's, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from verifier.ledger.interface import Ledger
from verifier.ledger.sqlite import store

_FOLDER = Path(mkdtemp())


def create_ledger(url: str) -> str:
    store.create_ledger(_FOLDER / url.removeprefix("fleeting:"))
    return url


def open_ledger(url: str, *, read_only: bool) -> Ledger:
    return store.open_ledger(_FOLDER / url.removeprefix("fleeting:"), read_only=read_only)
'''
ROW = (
    "ledger/open.py",
    '        "sqlite:": _SQLITE,\n',
    '        "fleeting:": _BackEnd(module="fleeting.store", name="A fleeting"),\n',
)
ASKED = """
import verifier
from verifier.ledger.history import check
verifier.create_ledger("fleeting:one")
with verifier.open_ledger("fleeting:one") as ledger:
    print(check(ledger).head.sequence)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.add({"ledger/fleeting/__init__.py": "", "ledger/fleeting/store.py": STORE}, [ROW])
    return made


def test_it_touches_one_file(house):
    assert house.touched() == {"verifier/ledger/open.py"}


def test_it_is_made_and_opened_by_its_url(house):
    ran = house.run("-c", ASKED)
    assert (ran.returncode, ran.stdout) == (0, "0\n"), ran.stderr


def test_the_others_are_still_opened(house):
    made = house.run("-m", "verifier", "ledger", "init", "--ledger", "sqlite:other.db")
    assert made.returncode == 0, made.stderr
