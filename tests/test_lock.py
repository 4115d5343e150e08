"""Each lock file is the whole closure: what is installed from them depends on nothing that is published later."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock_closure import closure, environments, read_lock

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = {
    "requirements.lock": ("rego",),
    "requirements-ci.lock": ("rego", "postgres", "sbom", "secrets"),
    "requirements-dev.lock": (
        "rego",
        "postgres",
        "gateway",
        "inflate",
        "secrets",
        "sbom",
        "audit",
        "hsm",
        "docs",
        "dev",
    ),
    "requirements-image.lock": ("rego", "postgres", "gateway", "sbom"),
}
WITHOUT_BUILDING = {"requirements-image.lock"}
"""What is installed from these was built elsewhere."""
TEXTS = {name: (ROOT / name).read_text() for name in EXTRAS}
INSTALLED = {canonicalize_name(found.name): found for found in distributions()}
REQUIRES = {name: found.requires or [] for name, found in INSTALLED.items()}
ENVIRONMENTS = environments()
NOTHING_REQUIRED = {"colorama": [], "tzdata": []}
"""What is pinned for Windows alone is not installed where these tests run, and requires nothing."""


def wanted(lock):
    """What `.ci/lock` resolves for that file."""
    optional = PROJECT["project"]["optional-dependencies"]
    extras = [requirement for extra in EXTRAS[lock] for requirement in optional[extra]]
    building = () if lock in WITHOUT_BUILDING else PROJECT["dependency-groups"]["build"]
    return [*PROJECT["project"]["dependencies"], *extras, *building]


def found_in(lock, text, environment):
    return closure(read_lock(text), wanted(lock), NOTHING_REQUIRED | REQUIRES, environment)


def named(environment):
    return "-".join(environment[key] for key in ("python_version", "sys_platform", "platform_machine"))


def without(text, name):
    """The lock without the pin of `name`."""
    pruned = re.sub(rf"(?m)^{name}(\[[a-z,]*\])?==.*\n(?: +--hash.*\n?)+", "", text)
    assert len(read_lock(pruned)) == len(read_lock(text)) - 1
    return pruned


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=named)
@pytest.mark.parametrize("lock", EXTRAS)
def test_whatever_a_pinned_distribution_requires_is_pinned(lock, environment):
    found = found_in(lock, TEXTS[lock], environment)
    assert (found.unmet, found.unneeded, found.unknown) == ((), frozenset(), frozenset())


def test_the_metadata_is_of_the_pinned_versions():
    pins = read_lock(TEXTS["requirements-dev.lock"])
    assert set(pins) - set(INSTALLED) <= set(NOTHING_REQUIRED)
    assert [name for name, pin in pins.items() if name in INSTALLED and INSTALLED[name].version != pin.version] == []


@pytest.mark.parametrize("lock", sorted(EXTRAS))
def test_the_files_agree_on_every_version(lock):
    development = read_lock(TEXTS["requirements-dev.lock"])
    pins = {name: pin.version for name, pin in read_lock(TEXTS[lock]).items()}
    assert {name: development[name].version for name in pins} == pins


@pytest.mark.parametrize("lock", sorted(set(EXTRAS) - WITHOUT_BUILDING))
def test_what_builds_the_project_is_pinned_too(lock):
    needed = {canonicalize_name(Requirement(text).name) for text in PROJECT["build-system"]["requires"]}
    assert needed <= set(read_lock(TEXTS[lock]))


@pytest.mark.parametrize("lock", EXTRAS)
@pytest.mark.parametrize(
    ("name", "asked_for_by"),
    [("email-validator", "pydantic[email]"), ("regopy", "the project"), ("mdurl", "markdown-it-py")],
)
def test_a_lock_that_lost_a_pin_is_not_closed(lock, name, asked_for_by):
    found = found_in(lock, without(TEXTS[lock], name), ENVIRONMENTS[0])
    assert [complaint.partition(" requires ")[0] for complaint in found.unmet] == [asked_for_by]


def test_a_pin_that_is_too_old_for_who_requires_it_is_not_closed():
    text = re.sub(r"(?m)^typer==[^ ]+", "typer==0.29.0", TEXTS["requirements.lock"])
    (complaint,) = found_in("requirements.lock", text, ENVIRONMENTS[0]).unmet
    assert complaint.endswith("it is pinned at 0.29.0")


def test_a_pin_for_another_system_does_not_count():
    text = re.sub(r"(?m)^mdurl==([^ ]+)", r"mdurl==\1 ; sys_platform == 'win32'", TEXTS["requirements.lock"])
    complaints = {named(where): found_in("requirements.lock", text, where).unmet for where in ENVIRONMENTS}
    assert {name for name, unmet in complaints.items() if not unmet} == {name for name in complaints if "win32" in name}


def test_an_extra_that_the_pin_does_not_show_is_missed():
    text = TEXTS["requirements.lock"].replace("pydantic[email]==", "pydantic==")
    (complaint,) = found_in("requirements.lock", text, ENVIRONMENTS[0]).unmet
    assert complaint.endswith("it is pinned without the extra email")


def test_a_pin_that_nothing_asks_for_is_found():
    text = TEXTS["requirements.lock"] + "ruff==0.17.5 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    assert found_in("requirements.lock", text, ENVIRONMENTS[0]).unneeded == {"ruff"}


@pytest.mark.parametrize("line", ["mdurl==0.1.2", "mdurl>=0.1.2 \\\n    --hash=sha256:" + "0" * 64])
def test_a_line_without_a_version_or_without_hashes_is_no_pin(line):
    with pytest.raises(ValueError, match="pin"):
        read_lock(without(TEXTS["requirements.lock"], "mdurl") + line + "\n")
