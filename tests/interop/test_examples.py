"""The manifests and units in docs/examples do what their comments say: they are run, with a real OPA."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.support import workplace
from tests.support.command import run as verify
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.peers.pods import Mount, Pod, pod
from tests.support.places import ROOT
from tests.support.publishing.releases import release

pytestmark = pytest.mark.interop
place = workplace.place
EXAMPLES = ROOT / "docs" / "examples"
URI = "https://bundles.acme.example/authz.tar.gz"
VOLUMES = ("fetched", "ledger", "bundles", "trust", "opa", "state", "cache")


@pytest.fixture
def volumes(place):
    """One folder a volume, by its name in the manifests: the policy, OPA's configuration, and empty ones."""
    folders = {
        name: place / "volumes" / name for name in ("fetched", "ledger", "bundles", "trust", "opa", "state", "cache")
    }
    for folder in folders.values():
        folder.mkdir(parents=True, mode=0o700)
    text = (place / "trust.toml").read_text().replace("version = {", f'resource_uri = "{URI}"\nversion = {{')
    (place / "trust.toml").write_text(text)
    for name in ("trust.toml", "release.pub", "ci.pub"):
        shutil.copy(place / name, folders["trust"])
    shutil.copytree(EXAMPLES / "opa", folders["opa"], dirs_exist_ok=True)
    return folders


def publish(folder: Path, revision: str, decision: str) -> None:
    """Put a release with its verdict where loaders fetch it."""
    Path("src/authz/policy.rego").write_text(f"package authz\n\nallow := {json.dumps(decision)}\n")
    bundle = release(revision)
    emitted = ("--verdict-out", folder / "authz.vsa.json", "--signing-key", "ci")
    (folder / "authz.vsa.json").unlink(missing_ok=True)
    assert verify("bundle", bundle, "--policy", "trust.toml", *emitted).status == 0
    shutil.copy(bundle, folder)


@pytest.fixture
def machine(place):
    with pod(place) as made:
        yield made


class Kubernetes:
    """As much of a kubelet as it takes: commands, volumes, environment."""

    def __init__(self, pod: Pod, volumes: dict[str, Path]) -> None:
        self.pod, self.volumes = pod, volumes

    def container(self, container: dict) -> tuple[list[str], list[Mount], dict[str, str]]:
        entrypoint = {"openpolicyagent/opa": ["opa"]}
        argv = [*container.get("command", entrypoint.get(container["image"], [])), *container.get("args", [])]
        mounts = [
            Mount(source=self.volumes[each["name"]], path=each["mountPath"], read_only=each.get("readOnly", False))
            for each in container["volumeMounts"]
        ]
        return argv, mounts, {each["name"]: each["value"] for each in container.get("env", [])}

    def probe(self, container: dict, kind: str) -> bool:
        """Whether a probe that runs in the container succeeds."""
        _, mounts, environment = self.container(container)
        return self.pod.run(container[kind]["exec"]["command"], mounts, environment).returncode == 0

    def run(self, container: dict) -> subprocess.CompletedProcess:
        return self.pod.run(*self.container(container))


@pytest.fixture
def kubernetes(machine, volumes):
    return Kubernetes(machine, volumes)


def manifest(name: str) -> dict:
    return yaml.safe_load((EXAMPLES / "kubernetes" / name).read_text())["spec"]


def decided(pod: Pod) -> str:
    """What OPA decides now."""
    return json.loads(pod.answer("http://localhost:8181/v1/data/authz/allow"))["result"]


def until(holds: Callable[[], bool], *, within_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline


def test_the_init_container_lets_the_pod_start_with_a_release_and_never_again_with_an_older_one(
    kubernetes, volumes, place
):
    spec = manifest("init-container.yaml")
    (preload,), (opa,) = spec["initContainers"], spec["containers"]
    publish(volumes["fetched"], "1.0.0", "old")
    assert "ledger.unavailable" in kubernetes.run(preload).stdout
    (init,) = manifest("ledger-job.yaml")["template"]["spec"]["containers"]
    assert kubernetes.run(init).returncode == 0

    assert kubernetes.run(preload).returncode == 0
    older = [path.read_bytes() for path in sorted(volumes["fetched"].iterdir())]
    publish(volumes["fetched"], "1.1.0", "new")
    assert kubernetes.run(preload).returncode == 0
    kubernetes.pod.start(*kubernetes.container(opa), log=place / "opa.log")
    kubernetes.pod.answer("http://localhost:8181/health?bundles")
    assert decided(kubernetes.pod) == "new"

    for path, content in zip(sorted(volumes["fetched"].iterdir()), older, strict=True):
        path.write_bytes(content)
    refused = kubernetes.run(preload)
    assert (refused.returncode, "version.rollback" in refused.stdout) == (1, True)
    assert decided(kubernetes.pod) == "new"


def test_the_sidecar_lets_opa_see_new_releases_and_never_an_older_one(kubernetes, volumes, place):
    configuration = (EXAMPLES / "kubernetes" / "gateway.toml").read_text()
    own = configuration.replace("https://bundles.acme.example", "http://127.0.0.1:9000")
    (volumes["trust"] / "gateway.toml").write_text(own)
    fetched = Mount(source=volumes["fetched"], path="/fetched", read_only=True)
    server = [sys.executable, "-m", "http.server", "--directory", "/fetched", "--bind", "127.0.0.1", "9000"]
    kubernetes.pod.start(server, [fetched], {}, log=place / "server.log")
    (init,) = manifest("ledger-job.yaml")["template"]["spec"]["containers"]
    assert kubernetes.run(init).returncode == 0

    publish(volumes["fetched"], "1.0.0", "old")
    older = (volumes["fetched"] / "authz.tar.gz").read_bytes()
    gateway, opa = manifest("sidecar.yaml")["containers"]
    kubernetes.pod.start(*kubernetes.container(gateway), log=place / "gateway.log")
    kubernetes.pod.answer("http://127.0.0.1:8282/readyz")
    assert kubernetes.probe(gateway, "readinessProbe")
    assert kubernetes.probe(gateway, "livenessProbe")
    kubernetes.pod.start(*kubernetes.container(opa), log=place / "opa.log")
    kubernetes.pod.answer("http://localhost:8181/health?bundles")
    assert decided(kubernetes.pod) == "old"

    publish(volumes["fetched"], "1.1.0", "new")
    until(lambda: decided(kubernetes.pod) == "new")
    (volumes["fetched"] / "authz.tar.gz").write_bytes(older)
    until(lambda: "version.rollback" in kubernetes.pod.answer("http://127.0.0.1:8282/status"))
    assert decided(kubernetes.pod) == "new"


def test_the_manifests_mount_what_they_declare():
    for path in (EXAMPLES / "kubernetes").glob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            spec = document["spec"].get("template", document)["spec"]
            declared = {volume["name"] for volume in spec.get("volumes", [])}
            containers = [*spec.get("initContainers", []), *spec.get("containers", [])]
            assert declared == {mount["name"] for each in containers for mount in each["volumeMounts"]}, path.name


@pytest.fixture
def machine_with_network(place):
    """This machine's own network, where the bundle server is."""
    (place / "run").mkdir()
    with pod(place, network=False) as made:
        yield made, place


@pytest.fixture
def bundle_server(volumes):
    """The address of a web server for the folder that releases are published in."""
    handler = partial(SimpleHTTPRequestHandler, directory=volumes["fetched"])
    handler.func.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def commands(unit: Path, server: str) -> list[list[str]]:
    """What the unit executes, one after the other; only the server is another."""
    text = unit.read_text().replace("\\\n", " ").replace("%t", "/run").replace("https://bundles.acme.example", server)
    return [line.removeprefix("ExecStart=").split() for line in text.splitlines() if line.startswith("ExecStart=")]


def test_the_systemd_service_hands_opa_a_release_and_never_an_older_one(machine_with_network, volumes, bundle_server):
    machine, place = machine_with_network
    mounts = [
        Mount(source=volumes["state"], path="/var/lib/opa"),
        Mount(source=place / "run", path="/run/opa-bundle"),
        Mount(source=volumes["trust"], path="/etc/verifier", read_only=True),
    ]
    environment = {"VERIFY_LEDGER": "sqlite:/var/lib/opa/ledger.db"}

    def start_unit() -> tuple[int, str]:
        for command in commands(EXAMPLES / "systemd" / "opa-bundle.service", bundle_server):
            done = machine.run(command, mounts, environment)
            if done.returncode != 0:
                break
        return done.returncode, done.stdout + done.stderr

    publish(volumes["fetched"], "1.0.0", "old")
    assert machine.run(["verify", "ledger", "init"], mounts, environment).returncode == 0
    assert start_unit()[0] == 0
    older = [path.read_bytes() for path in sorted(volumes["fetched"].iterdir())]
    publish(volumes["fetched"], "1.1.0", "new")
    assert start_unit()[0] == 0
    newer = (volumes["state"] / "authz.tar.gz").read_bytes()
    for path, content in zip(sorted(volumes["fetched"].iterdir()), older, strict=True):
        path.write_bytes(content)
    status, text = start_unit()
    assert (status, "version.rollback" in text) == (1, True)
    assert (volumes["state"] / "authz.tar.gz").read_bytes() == newer


def test_systemd_understands_the_units(tmp_path):
    analyze = executable("systemd-analyze", "SYSTEMD_ANALYZE")
    for unit in (EXAMPLES / "systemd").iterdir():
        # It looks for the programs that a unit starts: any will do for the one that is not installed here.
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/local/bin/verify", "/bin/true"))
    for unit in tmp_path.iterdir():
        done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
