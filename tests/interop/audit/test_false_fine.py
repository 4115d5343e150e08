"""Where others say "fine": each case is measured, by the peer and by us, and stands so in docs/audit.md."""

from __future__ import annotations

import pytest

from tests.support.audit.fine.case import row
from tests.support.audit.fine.table import CASES, written

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("case", CASES, ids=lambda each: f"{each.peer}: {each.what}")
def test_a_case_is_as_the_page_has_it_and_we_never_say_fine(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said, ours = case.measure(tmp_path)
    assert ours.status in {1, 2, 3}
    if ours.status == 1:
        assert "vulnerability.known" in ours.codes
    assert row(case, said, ours) in written()
