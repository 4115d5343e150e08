"""The chart of the gateway: linted and rendered by a real Helm, held against Kubernetes' schemas, and its refusals."""

import json
import os
import subprocess

import pytest
import yaml

from tests.support.peers.peers import executable
from tests.support.places import ROOT
from verifier.gateway.settings.configuration import parse_settings

pytestmark = pytest.mark.interop
CHART = ROOT / "docs/examples/helm/verifier-gateway"
DIGEST = "sha256:" + "1" * 64
VALUES = {
    "image": {"digest": DIGEST},
    "policy": {"files": {"trust.toml": (ROOT / "policies/trust.toml").read_text()}},
    "bundles": {"authz": {"upstream": "https://bundles.acme.example/authz.tar.gz", "poll": "30s"}},
    "tls": {"existingSecret": "gateway-tls"},
    "clients": {"tokenSecret": "opa"},
}
FLEET = VALUES | {
    "replicas": 3,
    "ledger": {
        "sqlite": {"enabled": False},
        "postgresql": {"url": "postgresql://writer@ledger.acme.example/verifier", "passwordSecret": "ledger"},
    },
    "clients": {"tokenSecret": "opa"},
    "tls": {"existingSecret": "gateway-tls", "clientCA": True},
    "podDisruptionBudget": {"enabled": True},
    "networkPolicy": {"enabled": True, "from": [{"namespaceSelector": {"matchLabels": {"opa": "yes"}}}]},
}


def helm(*arguments, values=VALUES, room):
    (room / "values.yaml").write_text(json.dumps(values))
    return subprocess.run(
        [executable("helm", "HELM"), *arguments, CHART, "--values", room / "values.yaml", "--kube-version", "1.32"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HOME": str(room)},
    )


def rendered(values, room):
    ran = helm("template", "release", "--namespace", "verifier", values=values, room=room)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def objects(values, room):
    return {
        (each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(rendered(values, room)) if each
    }


@pytest.mark.parametrize("values", [VALUES, FLEET], ids=["one", "fleet"])
def test_helm_has_nothing_to_complain_of(values, tmp_path):
    ran = helm("lint", "--strict", values=values, room=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "0 chart(s) failed" in ran.stdout


@pytest.mark.parametrize("values", [VALUES, FLEET], ids=["one", "fleet"])
@pytest.mark.parametrize("version", ["1.25", "1.32"])
def test_what_it_renders_is_what_kubernetes_takes(values, version, tmp_path):
    (tmp_path / "objects.yaml").write_text(rendered(values, tmp_path))
    checked = subprocess.run(
        [
            executable("kubernetes-validate", "KUBERNETES_VALIDATE"),
            "--strict",
            "-k",
            version,
            tmp_path / "objects.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("values", [VALUES, FLEET], ids=["one", "fleet"])
def test_no_container_runs_as_root_or_writes_where_it_is(values, tmp_path):
    for (kind, _), each in objects(values, tmp_path).items():
        if kind not in {"Deployment", "Job"}:
            continue
        pod = each["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["image"] == f"registry.acme.example/verifier@{DIGEST}"
            limits = container["securityContext"]
            assert (limits["readOnlyRootFilesystem"], limits["capabilities"]) == (True, {"drop": ["ALL"]})


@pytest.mark.parametrize("values", [VALUES, FLEET], ids=["one", "fleet"])
def test_the_gateway_reads_the_configuration_that_it_renders(values, tmp_path):
    config = objects(values, tmp_path)["ConfigMap", "release-verifier-gateway"]["data"]["gateway.toml"]
    for name in ("tls/tls.crt", "tls/tls.key", "tls/ca.crt", "clients/token"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("0123456789abcdef0123")
        (tmp_path / name).chmod(0o600)
    here = config.replace("/etc/verifier/", "")
    settings = parse_settings(here.encode(), where="gateway.toml", folder=tmp_path)
    assert [each.upstream for each in settings.bundles] == ["https://bundles.acme.example/authz.tar.gz"]
    assert settings.ledger.startswith("postgresql://" if values is FLEET else "sqlite:")
    assert "release-verifier.verifier.svc" in settings.hosts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"image": {}}, "image.digest is missing"),
        ({"image": {"tag": "latest"}}, "image.digest is missing"),
        ({"image": {"digest": "sha256:abc"}}, "digest"),
        ({"replicas": 2}, "a ledger in a file is for one gateway"),
        ({"policy": {"files": {}}}, "no trust policy"),
        ({"bundles": {}}, "no bundles"),
        ({"bundles": {"authz": {}}}, "upstream"),
        ({"tls": {"existingSecret": ""}}, "tls.existingSecret is missing"),
        ({"clients": {"tokenSecret": ""}}, "anybody could read the bundles"),
        ({"ledger": {"sqlite": {"enabled": False}}}, "no ledger"),
        ({"ledger": {"sqlite": {"enabled": False}, "postgresql": {"url": "postgresql://a:secret@b/c"}}}, "url"),
        ({"ledger": {"sqlite": {"enabled": True}, "postgresql": {"url": "postgresql://a@b/c"}}}, "which one remembers"),
        ({"replica": 1}, "replica"),
        (
            {"bundles": {"authz": {"upstream": "https://b.acme.example/a", "a = 1\n    [clients]\n    b": True}}},
            "does not match pattern",
        ),
        ({"bundles": {"authz]\n[clients": {"upstream": "https://b.acme.example/a"}}}, "does not match pattern"),
        ({"tls": {"existingSecret": "a }, hostPath: { path: / "}}, "existingSecret"),
        ({"clients": {"tokenSecret": "a\n      hostPID: true"}}, "tokenSecret"),
        ({"ledger": {"sqlite": {"enabled": True, "size": "1Gi } }, volumeName: a, a: { b: { c: d"}}}, "size"),
        ({"image": {"digest": DIGEST, "repository": "a\n          command: [sh]\n          #"}}, "repository"),
    ],
)
def test_what_would_not_hold_is_refused_by_name(change, said, tmp_path):
    ran = helm("template", "release", values=VALUES | change, room=tmp_path)
    assert ran.returncode != 0
    assert said in ran.stderr


def test_an_upgrade_makes_no_ledger(tmp_path):
    assert ("Job", "release-verifier-init") in objects(VALUES, tmp_path)
    ran = helm("template", "release", "--is-upgrade", room=tmp_path)
    assert "verify, ledger, init" not in ran.stdout
    assert "kind: Job" not in ran.stdout


def test_what_was_accepted_outlives_an_uninstalled_release(tmp_path):
    claim = objects(VALUES, tmp_path)["PersistentVolumeClaim", "release-verifier-ledger"]
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
