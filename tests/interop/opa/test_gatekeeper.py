"""The manifests for Gatekeeper, their Rego evaluated by a real OPA that asks a real gateway by mutual TLS."""

import pytest

from tests.support.gateway.authority import Authority, tls
from tests.support.gateway.images import REPOSITORY, TAGGED, ImageScene, signed
from tests.support.peers.gatekeeper import Gatekeeper, seen_by_gatekeeper

pytestmark = pytest.mark.interop


@pytest.fixture
def scene(tmp_path):
    return ImageScene(tmp_path)


@pytest.fixture
def place(scene):
    return scene.place()


@pytest.fixture
def digest(scene, place):
    """Of the one image that is verified, under its tag and pinned."""
    made = signed(place)
    scene.places |= {f"{REPOSITORY}@{made}": place, f"{REPOSITORY}:1.4.0@{made}": place}
    return made


@pytest.fixture
def authorities(tmp_path):
    return Authority(tmp_path, "ours"), Authority(tmp_path, "gatekeepers")


@pytest.fixture
def gateway(scene, authorities):
    ours, gatekeepers = authorities
    with scene.running(tls=tls(ours, gatekeepers)) as running:
        yield running


@pytest.fixture
def provider(gateway, authorities):
    """Where Gatekeeper asks, and with which files."""
    certificate, key = authorities[1].issue("gatekeeper")
    url = f"https://{gateway.host}:{gateway.port}/v1beta1/validate"
    return {"url": url, "ca": str(authorities[0].file), "certificate": str(certificate), "key": str(key)}


@pytest.fixture
def gatekeeper(tmp_path, provider):
    folder = tmp_path / "gatekeeper"
    folder.mkdir()
    return Gatekeeper(folder, provider)


def pod(*images, operation="CREATE", before=None, **more):
    spec = {"containers": [{"name": str(number), "image": each} for number, each in enumerate(images)], **more}
    old = None if before is None else {"spec": {"containers": [{"name": "0", "image": each} for each in before]}}
    return {"operation": operation, "object": {"spec": spec}, "oldObject": old}


def test_an_image_that_is_verified_and_pinned_may_run(gatekeeper, digest):
    assert gatekeeper.violations(pod(f"{REPOSITORY}@{digest}")) == []
    assert gatekeeper.violations(pod(f"{REPOSITORY}:1.4.0@{digest}")) == []


def test_one_that_is_not_pinned_is_told_its_digest(gatekeeper, digest):
    (said,) = gatekeeper.violations(pod(TAGGED))
    assert said == f"{TAGGED} may not be used: it is not pinned, expected {REPOSITORY}@{digest}"


def test_one_that_is_not_verified_may_not_whatever_else_may(gatekeeper, scene, digest):
    signed(scene.place(f"{REPOSITORY}/other:1.4.0"), key="")
    said = gatekeeper.violations(pod(f"{REPOSITORY}@{digest}", f"{REPOSITORY}/other:1.4.0", "nginx"))
    assert ["signature.missing" in said[1], "image.ambiguous-reference" in said[0], len(said)] == [True, True, 2]


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_containers_of_every_kind_are_asked_about(gatekeeper, digest, kind):
    others = {kind: [{"name": "other", "image": "registry.acme.example/acme/gone:1"}]}
    assert len(gatekeeper.violations(pod(f"{REPOSITORY}@{digest}", **others))) == 1


def test_images_that_are_mounted_are_asked_about(gatekeeper, digest):
    mounted = {
        "volumes": [{"name": "data", "image": {"reference": "registry.acme.example/acme/gone:1"}}, {"name": "x"}]
    }
    assert len(gatekeeper.violations(pod(f"{REPOSITORY}@{digest}", **mounted))) == 1


def test_what_an_update_leaves_as_it_is_is_not_asked_about(gatekeeper, scene):
    running = "registry.acme.example/acme/withdrawn@sha256:" + "0" * 64
    assert gatekeeper.violations(pod(running, operation="UPDATE", before=[running])) == []
    assert (
        len(
            gatekeeper.violations(
                pod(running, "registry.acme.example/acme/new:1", operation="UPDATE", before=[running])
            )
        )
        == 1
    )
    assert len(gatekeeper.violations(pod(running, operation="CREATE", before=[running]))) == 1


def test_what_is_deleted_is_not_asked_about(gatekeeper):
    assert gatekeeper.violations({"operation": "DELETE", "object": None, "oldObject": {"spec": {}}}) == []


def test_a_withdrawn_image_may_not_run_from_the_next_pod_on(gatekeeper, scene, digest):
    assert gatekeeper.violations(pod(f"{REPOSITORY}@{digest}")) == []
    scene.withdraw(digest)
    (said,) = gatekeeper.violations(pod(f"{REPOSITORY}@{digest}"))
    assert "version.quarantined" in said


def test_a_gateway_that_is_not_there_lets_nothing_run(tmp_path, gatekeeper, digest, authorities):
    given = {"url": "https://127.0.0.1:1/v1beta1/validate", "ca": str(authorities[0].file)}
    certificate, key = authorities[1].issue("gatekeeper")
    folder = tmp_path / "alone"
    folder.mkdir()
    alone = Gatekeeper(folder, given | {"certificate": str(certificate), "key": str(key)})
    assert len(alone.violations(pod(f"{REPOSITORY}@{digest}"))) == 1


@pytest.mark.parametrize("path", ["/validate", "/bundles/authz", "/status", "/"])
def test_a_provider_that_asks_elsewhere_lets_nothing_run(tmp_path, gateway, authorities, digest, path):
    certificate, key = authorities[1].issue("gatekeeper")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    url = f"https://{gateway.host}:{gateway.port}{path}"
    given = {"url": url, "ca": str(authorities[0].file), "certificate": str(certificate), "key": str(key)}
    assert len(Gatekeeper(folder, given).violations(pod(f"{REPOSITORY}@{digest}"))) == 1


def test_who_is_not_gatekeeper_is_told_nothing(tmp_path, gateway, authorities, digest):
    certificate, key = authorities[0].issue("somebody")
    folder = tmp_path / "somebody"
    folder.mkdir()
    url = f"https://{gateway.host}:{gateway.port}/v1beta1/validate"
    given = {"url": url, "ca": str(authorities[0].file), "certificate": str(certificate), "key": str(key)}
    (said,) = Gatekeeper(folder, given).violations(pod(f"{REPOSITORY}@{digest}"))
    assert "no answer" in said


class TestGatekeepersOwnClient:
    """open-policy-agent/frameworks, which asks for mutation and for validation."""

    def test_sees_a_digest_and_an_error(self, provider, digest):
        seen = seen_by_gatekeeper(provider, TAGGED, "nginx", TAGGED)
        assert seen["responses"] == [[TAGGED, f"{REPOSITORY}@{digest}"]]
        ((key, error),) = seen["errors"]
        assert (key, error.partition(":")[0]) == ("nginx", "image.ambiguous-reference")
        assert (seen["status_code"], seen["system_error"]) == (200, "")

    def test_sees_keys_as_it_has_written_them(self, provider):
        keys = ['a"b', "<é>&", "\u2028", "\t"]
        assert sorted(key for key, _ in seen_by_gatekeeper(provider, *keys)["errors"]) == sorted(keys)

    def test_sees_an_error_of_the_system_where_it_asks_elsewhere(self, provider):
        for path in ("/validate", "/healthz", "/status", "/bundles/authz"):
            elsewhere = provider | {"url": provider["url"].replace("/v1beta1/validate", path)}
            seen = seen_by_gatekeeper(elsewhere, TAGGED)
            assert (seen["responses"], seen["errors"], bool(seen["system_error"])) == ([], [], True)

    def test_sees_an_error_of_the_system_where_it_asks_too_much(self, provider):
        seen = seen_by_gatekeeper(provider, *map(str, range(300)))
        assert (seen["status_code"], seen["responses"], "request.malformed" in seen["system_error"]) == (400, [], True)

    def test_is_not_let_in_by_another_authority(self, provider, authorities):
        certificate, key = authorities[0].issue("somebody")
        seen = seen_by_gatekeeper(provider | {"certificate": str(certificate), "key": str(key)}, TAGGED)
        assert "error" in seen
