"""A push that is cut off at any request leaves the old tag, and doing it again completes it."""

import pytest

from tests.support.publishing.plans import BUNDLE, OTHER_BUNDLE, plan
from tests.support.publishing.plans import publish as written
from tests.support.publishing.pushable import pushable
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.publish.push.attach import Scheme
from verifier.publish.push.registry import RegistryTarget

OLD, NEW = (plan(each, scheme=Scheme.BOTH) for each in (OTHER_BUNDLE, BUNDLE))


def publish(host, wanted, name="acme/authz"):
    target = RegistryTarget(parse_reference(f"{host}/{name}:1"), access=Access(), pause=lambda _: None)
    try:
        return written(wanted, target)
    finally:
        target.close()


@pytest.fixture(params=["the referrers API", "the fallback tag"])
def registry(request):
    with pushable(lists=request.param == "the referrers API") as running:
        yield running


def whole(registry):
    publish(registry.host, OLD, "whole")
    registry.cut(None)
    publish(registry.host, NEW, "whole")
    return registry.repositories["whole"], len(registry.asked)


@pytest.mark.parametrize("after_it_is_done", [False, True])
def test_cut_off_at_each_request_the_old_tag_stands_and_a_rerun_completes_it(registry, after_it_is_done):
    wanted, requests = whole(registry)
    assert requests > 15
    for number in range(1, requests + 1):
        name = f"cut/{number}"
        registry.cut(None)
        publish(registry.host, OLD, name)
        registry.cut(number, after_it_is_done=after_it_is_done)
        with pytest.raises(Refused) as refused:
            publish(registry.host, NEW, name)
        assert refused.value.reasons[0].code == "input.unreachable"
        moved = after_it_is_done and number == requests  # the answer alone is missing
        assert registry.repositories[name].tags["1"] == str((NEW if moved else OLD).subject.digest)
        registry.cut(None)
        publish(registry.host, NEW, name)
        assert registry.repositories[name].kept == wanted.kept


def test_one_answer_that_is_missing_does_not_stop_it(registry):
    wanted, requests = whole(registry)
    for number in range(1, requests + 1):
        name = f"once/{number}"
        registry.cut(None)
        publish(registry.host, OLD, name)
        registry.cut(number, only_once=True)
        publish(registry.host, NEW, name)
        assert registry.repositories[name].kept == wanted.kept


def test_the_second_time_only_looks(registry):
    publish(registry.host, NEW)
    registry.cut(None)
    again = publish(registry.host, NEW)
    assert not any(row.written for row in again.rows)
    assert {each.partition(" ")[0] for each in registry.asked} == {"GET"}


def test_the_tag_is_the_last_thing_that_is_written(registry):
    publish(registry.host, NEW)
    written = [each for each in registry.asked if each.startswith(("PUT", "POST"))]
    assert written[-1] == "PUT /v2/acme/authz/manifests/1"
