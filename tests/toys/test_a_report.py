"""What one more format of reports costs: its file and a row."""

import pytest

from tests.support.material import public_pem
from tests.support.stories import signed
from tests.support.toys.house import House

FORMAT = '''"""A verdict in one word."""

from __future__ import annotations

from verifier.formats.verdict.dossier import Dossier
from verifier.reports.table import Screen


def render(dossier: Dossier, _: Screen) -> str:
    return "yes\\n" if dossier.worst.passed else "no\\n"
'''
ROW = ("reports/table.py", '        "text": "terminal",\n', '        "word": "word",\n')


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.add({"reports/word.py": FORMAT}, [ROW])
    (made.folder / "authz.tar.gz").write_bytes(signed())
    (made.folder / "key.pem").write_bytes(public_pem("p256"))
    (made.folder / "other.pem").write_bytes(public_pem("p384"))
    return made


def test_it_touches_one_file(house):
    assert house.touched() == {"verifier/reports/table.py"}


@pytest.mark.parametrize(("key", "said", "status"), [("key.pem", "yes\n", 0), ("other.pem", "no\n", 1)])
def test_every_command_that_judges_has_it(house, key, said, status):
    judged = house.run("-m", "verifier", "bundle", "authz.tar.gz", "--key", key, "--format", "word")
    assert (judged.stdout, judged.returncode) == (said, status), judged.stderr


def test_where_rows_are_printed_it_is_refused(house):
    house.run("-m", "verifier", "ledger", "init")
    shown = house.run("-m", "verifier", "ledger", "show", "--format", "word")
    assert shown.returncode == 2
