"""Our orders of versions against those of the tools that made them: dpkg and rpm, on what nobody thought of."""

import random
import shutil
import subprocess

import pytest

from verifier.sbom.difference.orders.table import order_of

pytestmark = pytest.mark.interop

PAIRS = 200
PIECES = {
    "deb": ["0", "1", "10", "01", "a", "b", "Z", ".", "+", "~", "-", "1:", "0:", "rc"],
    "rpm": ["0", "1", "10", "01", "a", "b", "Z", ".", "_", "+", "~", "^", "rc"],
}


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here")


def texts(ecosystem, seed, count):
    """Versions that we take, alike enough that every rule is met."""
    chance, made = random.Random(seed), []  # noqa: S311 - no secret
    while len(made) < count:
        text = "".join(chance.choices(PIECES[ecosystem], k=chance.randint(1, 7)))
        text = text if ecosystem == "rpm" else f"1{text}"
        if order_of(ecosystem, text) is not None:
            made.append(text)
    return made


def ours(ecosystem, one, other):
    a, b = order_of(ecosystem, one), order_of(ecosystem, other)
    return (a > b) - (a < b)


@pytest.mark.parametrize("seed", range(3))
def test_debian_versions_order_as_dpkg_has_it(seed):
    needs("dpkg")
    versions = texts("deb", seed, 2 * PAIRS)
    pairs = list(zip(versions[:PAIRS], versions[PAIRS:], strict=True))
    script = "".join(
        f"dpkg --compare-versions '{one}' lt '{other}' && echo -1 || "
        f"{{ dpkg --compare-versions '{one}' eq '{other}' && echo 0 || echo 1; }}\n"
        for one, other in pairs
    )
    done = subprocess.run(["sh"], input=script, text=True, capture_output=True, check=True)
    assert done.stderr == ""
    theirs = [int(line) for line in done.stdout.split()]
    assert {pair: said for pair, said in zip(pairs, theirs, strict=True) if ours("deb", *pair) != said} == {}


@pytest.mark.parametrize("seed", range(3))
def test_rpm_versions_order_as_rpm_has_it(seed):
    needs("rpm")
    versions = texts("rpm", seed, 2 * PAIRS)
    pairs = list(zip(versions[:PAIRS], versions[PAIRS:], strict=True))
    lua = " ".join(f'print(rpm.vercmp("{one}", "{other}") .. " ")' for one, other in pairs)
    done = subprocess.run(["rpm", "--eval", f"%{{lua: {lua}}}"], text=True, capture_output=True, check=True)
    theirs = [int(each) for each in done.stdout.split()]
    assert {pair: said for pair, said in zip(pairs, theirs, strict=True) if ours("rpm", *pair) != said} == {}
