"""As much of Gatekeeper as asks a provider: the template of docs/examples, evaluated by a real OPA.

Its `external_data` asks a gateway by HTTPS, and makes of the answer what Gatekeeper makes, by its frameworks:
constraint/pkg/externaldata/response.go.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.places import ROOT

MANIFESTS = ROOT / "docs" / "examples" / "kubernetes"
_ASKING = """\
package gatekeeper

import future.keywords

# What cannot be reached or read is an error of the builtin, which leaves what asked for it undefined.
external_data(asked) := answer if {
	count(asked.keys) > 0
	got := http.send({
		"method": "POST",
		"url": data.provider.url,
		"headers": {"Content-Type": "application/json"},
		"tls_ca_cert_file": data.provider.ca,
		"tls_client_cert_file": data.provider.certificate,
		"tls_client_key_file": data.provider.key,
		"body": {
			"apiVersion": "externaldata.gatekeeper.sh/v1beta1",
			"kind": "ProviderRequest",
			"request": {"keys": asked.keys},
		},
	})
	response := object.get(got.body, "response", {})
	items := object.get(response, "items", [])
	answer := {
		"responses": [[item.key, item.value] | some item in items; object.get(item, "error", "") == ""],
		"errors": [[item.key, item.error] | some item in items; object.get(item, "error", "") != ""],
		"status_code": got.status_code,
		"system_error": object.get(response, "systemError", ""),
	}
}

external_data(asked) := {"responses": [], "errors": [], "status_code": 0, "system_error": ""} if count(asked.keys) == 0
"""


def documents(name: str = "gatekeeper.yaml") -> list[dict]:
    """The objects of a manifest."""
    return list(yaml.safe_load_all((MANIFESTS / name).read_text()))


def template() -> str:
    """The template's Rego."""
    (found,) = (each for each in documents() if each["kind"] == "ConstraintTemplate")
    return found["spec"]["targets"][0]["rego"]


def seen_by_gatekeeper(provider: dict[str, str], *keys: str) -> dict:
    """What a template sees of the answer, asked for by Gatekeeper's own client; `error` where that fails."""
    given = [provider[each] for each in ("url", "ca", "certificate", "key")]
    command = [executable("gatekeeper-client", "GATEKEEPER_CLIENT"), *given, *keys]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S).stdout)


class Gatekeeper:
    """Reviews objects by the template; `provider` says where the gateway is, and by which files it is reached."""

    def __init__(self, folder: Path, provider: dict[str, str]) -> None:
        self.folder = folder
        (folder / "template.rego").write_text(template())
        (folder / "asking.rego").write_text(_ASKING)
        (folder / "data.json").write_text(json.dumps({"provider": provider}))
        builtins = json.loads(self._run("capabilities", "--current"))
        declared = {"args": [{"type": "any"}], "result": {"type": "any"}, "type": "function"}
        builtins["builtins"].append({"name": "external_data", "decl": declared, "nondeterministic": True})
        (folder / "capabilities.json").write_text(json.dumps(builtins))

    def violations(self, review: dict) -> list[str]:
        """What the template has against an object that is reviewed."""
        (self.folder / "input.json").write_text(json.dumps({"review": review}))
        given = ["template.rego", "asking.rego", "data.json"]
        files = [argument for each in given for argument in ("--data", str(self.folder / each))]
        said = self._run(
            "eval",
            "--v0-compatible",
            *("--capabilities", str(self.folder / "capabilities.json"), "--input", str(self.folder / "input.json")),
            *files,
            "data.verifiedimages.violation with external_data as data.gatekeeper.external_data",
        )
        return sorted(each["msg"] for each in json.loads(said)["result"][0]["expressions"][0]["value"])

    def _run(self, *arguments: str) -> str:
        command = [executable("opa", "OPA"), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE_S, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
