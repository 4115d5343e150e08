"""A real OPA that pulls its bundle from a registry."""

import json

from tests.support.peers.peers import executable, run


def opa_decides(place, registry, reference):
    """What a real OPA decides by what it pulls itself."""
    config = {
        "services": {"registry": {"url": f"http://{registry.host}", "type": "oci"}},
        "keys": {"release": {"algorithm": "ES256", "key": (place / "release.pub").read_text()}},
        "bundles": {
            "authz": {
                "service": "registry",
                "resource": reference,
                "signing": {"keyid": "release", "scope": "authz"},
            }
        },
    }
    (place / "opa.json").write_text(json.dumps(config))
    (place / "input.json").write_text("{}")
    command = [executable("opa", "OPA"), "exec", "--decision", "authz/allow", "--config-file", "opa.json", "input.json"]
    answer = run(*command, cwd=place)
    return json.loads(answer[answer.index("{\n") :])["result"][0]["result"]
