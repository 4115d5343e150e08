"""What a stranger's input costs: memory is measured in a child, work is counted, and no clock is asked."""

import pytest

from fixtures.bundles.golden import golden
from tests.support.archives.costly import COSTLY, MEBIBYTE
from tools.worst_case import readers
from tools.worst_case.kept import kept
from tools.worst_case.measure import MOST_BYTES, apart, measured
from tools.worst_case.search import grown
from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused
from verifier.kinds.bundle.artifact import read_bundle


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """What reading needs is loaded: it is no part of what an input costs."""
    readers.archive(golden("authz-1.0.0"))


@pytest.mark.parametrize("name", COSTLY)
def test_a_mebibyte_costs_a_bounded_amount_of_memory(name):
    build, code = COSTLY[name]
    content = apart(build)
    assert len(content) <= MEBIBYTE
    cost = measured(readers.archive, content)
    assert code in cost.codes
    assert cost.memory <= MOST_BYTES


@pytest.mark.parametrize("name", ["roots-by-the-thousand", "objects-of-one-number", "events-of-yaml"])
def test_what_is_too_costly_is_refused_at_the_same_count_each_time(name):
    content = COSTLY[name][0]()

    def spent():
        budget = Budget(packed=len(content))
        with pytest.raises(Refused, match=r"input\.too-costly"):
            read_bundle(content, name="authz", resource_uri="", budget=budget)
        return budget.memory, budget.work, budget.counts

    assert spent() == spent()


@pytest.mark.parametrize("case", kept(), ids=lambda case: case.title)
def test_what_a_search_found_stays_bounded(case):
    content = apart(lambda: grown(case.kind, case.family, case.numbers))
    cost = measured(readers.CLASSES[case.kind][0], content)
    assert cost.codes[: len(case.codes)] == case.codes
    assert cost.memory <= MOST_BYTES
