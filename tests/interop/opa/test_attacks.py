"""The published table of what OPA does with the attacks is what the OPA that is here does."""

import pytest

from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.opa import load_into_opa, recorded, try_bundle, version_of
from fixtures.bundles.golden import GOLDEN, golden
from tests.support.peers.peers import executable, missing

pytestmark = pytest.mark.interop
VERSION, VERDICTS = recorded()


@pytest.fixture(scope="session")
def opa():
    """The path of an OPA of the version that was recorded."""
    program = executable("opa", "OPA")
    found = version_of(program)
    if found != VERSION:
        missing(f"OPA {VERSION}, which was recorded; this is {found}: record it anew")
    return program


@pytest.mark.parametrize("attack", [a for a in catalogue() if a.is_for_opa], ids=lambda attack: attack.id)
def test_opa_does_what_was_recorded(opa, attack):
    assert load_into_opa(attack, opa=opa) == VERDICTS[attack.id]


@pytest.mark.parametrize("name", GOLDEN)
def test_opa_loads_every_golden_bundle(opa, name):
    key, algorithm = ("p256", "ES256") if name.endswith("p256") else ("release", "RS256")
    assert try_bundle(golden(name), opa=opa, key=key, algorithm=algorithm).loaded


def test_what_was_recorded_is_what_is_catalogued():
    assert set(VERDICTS) == {attack.id for attack in catalogue() if attack.is_for_opa}
