"""The page's table of what others call fine has a row for each case, and no row of ours that is 0."""

from __future__ import annotations

from tests.support.audit.fine.table import CASES, written


def test_the_page_has_a_row_for_each_case_in_their_order():
    rows = [tuple(each.strip() for each in row.strip("|").split(" | ")) for row in written()]
    assert [row[:2] for row in rows] == [(case.peer, case.what) for case in CASES]
    assert all(row[3].split(":")[0] in {"1", "2", "3"} for row in rows)
