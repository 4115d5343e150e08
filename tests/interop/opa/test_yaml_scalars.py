"""Plain scalars of YAML, beside a real OPA: what the strict reader takes, OPA takes for the same value."""

import json
import random
import subprocess

import pytest

from tests.support.peers.peers import executable
from verifier.core.errors import Refused
from verifier.formats.opa.yaml import parse

pytestmark = pytest.mark.interop
ALPHABETS = ["+-_.0123456789xobeE", "+-_01xXoObBeE", "0123456789-:TtZ .", "~nulTRUEyesofN.ina<=", "09.e-+é\u00a0\u0660"]
SCALARS = 20_000


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_accepted_is_what_opa_reads(seed, tmp_path):
    accepted = list(_accepted(random.Random(seed)))  # noqa: S311 - to choose cases, not keys
    assert len(accepted) > SCALARS // 10
    lines = "".join(f"- {scalar}\n" for scalar, _ in accepted)
    (tmp_path / "data.yaml").write_text(f"scalars:\n{lines}", encoding="utf-8")
    command = [executable("opa", "OPA"), "eval", "--format=json", "--bundle", ".", "data.scalars"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    read = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
    differing = [
        (scalar, ours, theirs)
        for (scalar, ours), theirs in zip(accepted, read, strict=True)
        if (type(ours), ours) != (type(theirs), theirs)
    ]
    assert differing == []


def _accepted(chance):
    for scalar in {_scalar(chance) for _ in range(SCALARS)}:
        try:
            value = parse(f"x: {scalar}\n".encode(), subject="data.yaml").value
        except Refused:
            continue
        if isinstance(value, dict) and list(value) == ["x"] and not isinstance(value["x"], dict | list):
            yield scalar, value["x"]


def _scalar(chance):
    return "".join(chance.choices(chance.choice(ALPHABETS), k=chance.randint(1, 8)))
