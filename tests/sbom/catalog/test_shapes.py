"""Of small images, what is in them and nothing else is listed: the rows of fixtures/sboms/images.toml."""

import pytest

from tests.support.sboms import shapes
from tests.support.sboms.shapes import ROWS, listed_of, spelled
from verifier.core.errors import Refused

MARKED = [pytest.param(name, marks=pytest.mark.corpus if name in shapes.OF_CORPUS else ()) for name in ROWS]


def test_every_row_has_its_layers():
    assert list(ROWS) == list(shapes.NAMES)


@pytest.mark.parametrize("name", MARKED)
def test_what_is_in_an_image_is_listed_and_nothing_else(name, tmp_path):
    row = ROWS[name]
    if "refused" in row:
        with pytest.raises(Refused) as error:
            listed_of(name, tmp_path)
        assert error.value.reasons[0].code == row["refused"]
        return
    catalog = listed_of(name, tmp_path)
    assert spelled(catalog.components) == row["found"]
    assert sorted({each.code for each in catalog.findings}) == row.get("says", [])
    assert catalog.integrity is not None
    for what in ("altered", "missing", "unowned"):
        if what in row:
            assert list(getattr(catalog.integrity, what)) == row[what]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.get("item")])
def test_a_row_that_others_get_wrong_says_why(name):
    assert ROWS[name]["why"]
