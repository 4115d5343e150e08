"""The manifests and the configuration in docs/examples: they name each other's places, and fail closed."""

import pytest

from tests.support.gateway.authority import Authority
from tests.support.peers.gatekeeper import MANIFESTS, documents, template
from verifier.gateway.settings.configuration import parse_settings
from verifier.gateway.settings.settings import VALIDATE


def of_kind(kind, name="gatekeeper.yaml"):
    return [each for each in documents(name) if each["kind"] == kind]


@pytest.fixture
def settings(tmp_path):
    """The configuration, whose files lie below a folder of ours."""
    certificate, _ = Authority(tmp_path, "ours").issue("gateway")
    text = (MANIFESTS / "image-gateway.toml").read_text()
    for mounted in ("/tls/tls.crt", "/tls/tls.key", "/gatekeeper/ca.crt", "/secrets/registry.password"):
        file = tmp_path / mounted.rpartition("/")[2]
        file.write_bytes(certificate.read_bytes() if "password" not in mounted else b"a-password\n")
        text = text.replace(f'"{mounted}"', f'"{file}"')
    return parse_settings(text.encode(), where="image-gateway.toml", folder=tmp_path)


def test_the_provider_asks_where_the_gateway_listens(settings):
    (provider,), (service, deployment) = of_kind("Provider"), documents("image-gateway.yaml")
    place = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"
    assert provider["apiVersion"] == "externaldata.gatekeeper.sh/v1beta1"
    assert provider["spec"]["url"] == f"https://{place}:{settings.listen.port}{VALIDATE}"
    assert settings.hosts == (place,)
    assert settings.images.wait.total_seconds() < provider["spec"]["timeout"]
    assert deployment["spec"]["template"]["metadata"]["labels"] == service["spec"]["selector"]


def test_only_gatekeeper_may_ask(settings):
    assert settings.needs_certificate


def test_the_deployment_mounts_every_file_that_the_configuration_names():
    _, deployment = documents("image-gateway.yaml")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    mounted = [each["mountPath"] for each in container["volumeMounts"]]
    named = [
        line.partition(' = "')[2].strip('"\n') for line in (MANIFESTS / "image-gateway.toml").read_text().splitlines()
    ]
    for path in (each for each in named if each.startswith("/")):
        assert any(path.startswith(f"{folder}/") for folder in mounted), path
    volumes = {each["name"] for each in deployment["spec"]["template"]["spec"]["volumes"]}
    assert volumes == {each["name"] for each in container["volumeMounts"]}


def test_every_kind_of_container_is_pinned_and_what_cannot_be_is_refused():
    assigns = of_kind("Assign")
    places = {each["spec"]["location"] for each in assigns}
    assert places == {f"spec.{kind}[name:*].image" for kind in ("containers", "initContainers", "ephemeralContainers")}
    for each in assigns:
        asked = each["spec"]["parameters"]["assign"]["externalData"]
        assert (asked["failurePolicy"], asked["dataSource"]) == ("Fail", "ValueAtLocation")
        assert asked["provider"] == of_kind("Provider")[0]["metadata"]["name"]


def test_the_constraint_is_of_the_template_and_denies():
    (constraint,), (made,) = of_kind("VerifiedImages"), of_kind("ConstraintTemplate")
    assert made["spec"]["crd"]["spec"]["names"]["kind"] == constraint["kind"]
    assert made["metadata"]["name"] == constraint["kind"].lower()
    assert constraint["spec"]["enforcementAction"] == "deny"
    assert f'"provider": "{of_kind("Provider")[0]["metadata"]["name"]}"' in template()


def test_what_is_left_out_of_one_is_left_out_of_all():
    """A namespace whose images are pinned and not judged, or the other way round, would be a mistake."""
    matched = [each["spec"]["match"]["excludedNamespaces"] for each in (*of_kind("Assign"), *of_kind("VerifiedImages"))]
    assert len({tuple(each) for each in matched}) == 1
