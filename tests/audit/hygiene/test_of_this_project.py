"""This project's own locks, as `make audit` has them: everything pinned, hashed, and of the public index."""

import pytest

from tests.support.audit.made import NOW
from tests.support.places import ROOT
from verifier.audit.hygiene.rules import HygieneRules
from verifier.audit.hygiene.table import judge_hygiene
from verifier.engine.audits.opening import collect

RULES = HygieneRules(require_hashes=True, allowed_indexes=("https://pypi.org/simple",))


@pytest.fixture(scope="module")
def collected():
    return collect(str(ROOT))


def test_both_locks_are_read_as_one(collected):
    assert {"requirements.lock", "requirements-dev.lock"} <= {each.rpartition("/")[2] for each in collected.files}
    assert len(collected.packages) > 90


def test_nothing_is_loose(collected):
    assert judge_hygiene(collected.packages, RULES, NOW) == ()


def test_nothing_that_the_project_asks_for_is_left_out(collected):
    assert [each.name for each in collected.packages if each.version is None] == []
    assert [each.message for each in collected.reasons if each.is_error] == []
