"""Many ask at once: about one image, which costs one verification; about many, of which so many are verified."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.support.gateway.images import REPOSITORY, TAGGED, ask, items, signed
from tests.support.images.cosign.bundles import attach_bundle
from tests.support.images.cosign.served import served
from tests.support.images.place import MemoryPlace
from tests.support.patience import PATIENCE_S
from verifier.gateway.images.reference import Repositories
from verifier.gateway.serving import registry_place

CROWD = 200


@pytest.fixture
def held(place):
    """The place, which answers nobody until its gate opens."""
    place.gate.clear()
    yield place
    place.gate.set()


def test_a_crowd_that_asks_about_one_image_costs_one_verification(scene, held, digest):
    with scene.running() as gateway, ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(ask, gateway, TAGGED) for _ in range(CROWD)]
        assert held.reached.wait(PATIENCE_S)
        held.gate.set()
        answers = [each.result(PATIENCE_S) for each in asked]
    assert {items(each)[TAGGED] for each in answers} == {(f"{REPOSITORY}@{digest}", "")}
    assert held.opened == 1
    assert [line.partition("/")[0] for line in held.asked] == [
        "GET manifests",
        "GET referrers",
        "GET manifests",
        "GET blobs",
    ]
    assert len(scene.history()) == 1


def test_a_crowd_costs_a_registry_four_requests(scene):
    there = MemoryPlace()
    attach_bundle(there)
    with served(there) as serving:
        scene.open_place = registry_place
        names = Repositories(names=((f"{serving.host}/*", "app"),))
        with scene.running(images=scene.images(repositories=names)) as gateway, ThreadPoolExecutor(CROWD) as crowd:
            asked = [crowd.submit(ask, gateway, serving.by_tag) for _ in range(CROWD)]
            answers = [items(each.result(PATIENCE_S))[serving.by_tag] for each in asked]
    assert set(answers) == {(serving.by_digest, "")}
    assert [each.partition(" ")[0] for each in serving.asked] == ["manifests", "referrers", "manifests", "blobs"]


def test_a_crowd_that_asks_about_one_image_in_every_way_costs_one_for_each(scene, held, digest):
    pinned = f"{REPOSITORY}@{digest}"
    other = scene.places[pinned] = scene.place(f"{REPOSITORY}:other")
    signed(other)
    keys = [TAGGED, pinned, TAGGED, pinned]
    with scene.running() as gateway, ThreadPoolExecutor(20) as crowd:
        asked = [crowd.submit(ask, gateway, *keys) for _ in range(20)]
        assert held.reached.wait(PATIENCE_S)
        held.gate.set()
        for each in asked:
            assert len(items(each.result(PATIENCE_S))) == 2
    assert (held.opened, other.opened) == (1, 1)


@pytest.mark.usefixtures("digest")
def test_who_has_waited_long_enough_is_told_so_and_the_next_one_has_the_answer(scene, held):
    with scene.running(images=scene.images(wait=timedelta(milliseconds=50))) as gateway:
        ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, error.partition(":")[0]) == ("", "request.unfinished")
        held.gate.set()
        gateway.until(lambda: items(ask(gateway, TAGGED))[TAGGED][0] != "")
    assert held.opened == 1


@pytest.mark.usefixtures("digest")
def test_one_that_hangs_holds_up_no_other(scene, held):
    other = scene.place("registry.acme.example/acme/other:1.4.0")
    signed(other)
    with scene.running() as gateway, ThreadPoolExecutor(1) as waiting:
        hanging = waiting.submit(ask, gateway, TAGGED)
        assert held.reached.wait(PATIENCE_S)
        assert items(ask(gateway, "registry.acme.example/acme/other:1.4.0")).popitem()[1][0]
        assert not hanging.done()
        held.gate.set()
        assert items(hanging.result(PATIENCE_S))[TAGGED][0]


@pytest.mark.usefixtures("digest")
def test_one_address_cannot_have_all_places(scene, held, monkeypatch):
    monkeypatch.setattr("verifier.gateway.images.images.MAX_UNDER_WAY", 4)
    scene.places |= {f"{REPOSITORY}:{each}": held for each in range(4)}
    with scene.running() as gateway, ThreadPoolExecutor(1) as waiting:
        hanging = waiting.submit(ask, gateway, *(f"{REPOSITORY}:{each}" for each in range(2)))
        assert held.reached.wait(PATIENCE_S)
        ((value, error),) = items(ask(gateway, f"{REPOSITORY}:3")).values()
        assert (value, error.partition(":")[0]) == ("", "request.overloaded")
        held.gate.set()
        assert len(items(hanging.result(PATIENCE_S))) == 2
        assert items(ask(gateway, f"{REPOSITORY}:3")).popitem()[1][0]


@pytest.mark.usefixtures("digest")
def test_a_gateway_that_ends_lets_go_of_who_waits_for_an_image(scene, held):
    with ThreadPoolExecutor(1) as waiting:
        with scene.running(images=scene.images(wait=timedelta(milliseconds=100))) as gateway:
            hanging = waiting.submit(ask, gateway, TAGGED)
            assert held.reached.wait(PATIENCE_S)
            threading.Timer(0.2, held.gate.set).start()
        assert items(hanging.result(PATIENCE_S))[TAGGED][0] == ""


@pytest.mark.usefixtures("digest")
def test_who_waits_while_another_policy_takes_over_is_answered_by_that(scene, held):
    with scene.running() as gateway, ThreadPoolExecutor(1) as waiting:
        hanging = waiting.submit(ask, gateway, TAGGED)
        assert held.reached.wait(PATIENCE_S)
        policy = scene.folder / "trust.toml"
        policy.write_text(policy.read_text().replace('from = ["p256"]', 'from = ["p384"]'))
        gateway.server.reload_soon()
        scene.saw("gateway.reloaded")
        held.gate.set()
        assert items(hanging.result(PATIENCE_S))[TAGGED][0] == ""
