"""The names of pip-audit that the child uses: all but the package itself are private to it, and may change."""

from __future__ import annotations

import inspect
import sys
import tomllib
from importlib.metadata import version

import pytest

from tests.support.places import ROOT

pytest.importorskip("pip_audit", reason="the extra `audit` is not installed")

from pip_audit._dependency_source import DependencySourceError, RequirementSource
from pip_audit._service import PyPIService, ResolvedDependency
from pip_audit._service.interface import Dependency, ServiceError, VulnerabilityResult
from pip_audit._virtual_env import VirtualEnv


def parameters(called):
    return list(inspect.signature(called).parameters)


def test_the_series_is_the_one_that_is_asked_for():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["audit"]
    assert extra == ["pip-audit>=2.10,<2.11"]
    assert version("pip-audit").startswith("2.10.")


def test_the_service_takes_a_cache_and_a_timeout_and_asks_by_its_session(tmp_path):
    assert parameters(PyPIService)[:2] == ["cache_dir", "timeout"]
    assert parameters(PyPIService.query) == ["self", "spec"]
    assert callable(PyPIService(tmp_path, 1).session.get)
    assert "self.session.get(url=url, timeout=self.timeout)" in inspect.getsource(PyPIService.query)


def test_what_it_answers_has_these_fields():
    assert parameters(ResolvedDependency) == ["name", "version"]
    assert {"id", "aliases", "fix_versions"} <= set(VulnerabilityResult.__dataclass_fields__)
    assert callable(Dependency.is_skipped)
    assert isinstance(Dependency.canonical_name, property)
    assert issubclass(ServiceError, Exception)


def test_the_resolver_takes_files_and_indexes():
    assert {"filenames", "require_hashes", "index_url", "extra_index_urls"} <= set(parameters(RequirementSource))
    assert callable(RequirementSource.collect)
    assert issubclass(DependencySourceError, Exception)


def test_the_resolver_runs_pip_and_nothing_else():
    source = "".join(inspect.getsource(VirtualEnv.post_setup).split())
    begun = 'context.env_exe,"-m","pip","install",'
    assert source.count("run(") == source.count(begun) == 2
    assert begun + '"--upgrade","pip","wheel","setuptools",' in source
    assert callable(vars(sys.modules[VirtualEnv.__module__])["run"])
