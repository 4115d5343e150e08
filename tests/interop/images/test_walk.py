"""What the README says of registries is run as it is written, on each registry."""

import pytest

from tests.support.docs.pages import blocks, run, stage
from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.peers.registries import REGISTRIES, running_registry
from tests.support.places import ROOT

pytestmark = [pytest.mark.interop, pytest.mark.rego]
SHOWN = "registry=localhost:5000"


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_walk_of_the_readme_works_as_it_is_written(registry, tmp_path):
    walk = [block for block in blocks(ROOT / "README.md") if block.runs and block.peers <= {"a registry"}]
    assert sum(bool(block.peers) for block in walk) == 4
    assert sum(SHOWN in block.text for block in walk) == 1
    folder, environment = stage(tmp_path, {"crane": executable("crane", "CRANE")})
    (served := tmp_path / "served").mkdir()
    with running_registry(registry, served) as running:
        environment["registry"] = running.host
        for block in walk:
            text = block.text.replace(SHOWN, f"registry={running.host}")
            run(block._replace(text=text), folder, environment, seconds=PATIENCE_S)
