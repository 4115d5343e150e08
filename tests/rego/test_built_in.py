"""What the compiler has found is not looked for again: in one process, across processes, for any artifact."""

import json
import os
import stat
import subprocess
import sys

import pytest

from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError
from verifier.core.rego import ModuleAnalysis, NamedModules, RegoModule
from verifier.files.folder import LOCK
from verifier.files.lock import locked
from verifier.rego.built_in import BuiltInEngine, installed
from verifier.rego.kept import KeptAnalyses

pytestmark = pytest.mark.rego
SOURCE = "package a\nimport data.lib\nk := lib.f(http.send({}))\nj := plugin.x(1)\n"
PROGRAM = """
import sys
from pathlib import Path
from verifier.core.rego import RegoModule
from verifier.rego.built_in import BuiltInEngine
found = BuiltInEngine(folder=Path(sys.argv[1])).analyse([RegoModule(path=sys.argv[2], source=sys.argv[3])])
print([each.path for each in found], found[0].problem, sorted(found[0].builtins), "subprocess" in sys.modules)
"""


class Named(NamedModules):
    """Modules that count how often somebody looks at them."""

    def __init__(self, name, *modules):
        self.name, self._modules, self.looked = name, modules, 0

    def __len__(self):
        return len(self._modules)

    def __getitem__(self, index):
        self.looked += 1
        return self._modules[index]


def module(source=SOURCE, path="a.rego", version=1):
    return RegoModule(path=path, source=source, version=version)


def in_a_process(folder, path, source):
    """What a process of its own prints: the paths, the problem, the builtins, and whether it started a child."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", PROGRAM, str(folder), path, source]
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def kept(tmp_path):
    return KeptAnalyses(tmp_path / "compiled", "a compiler")


ANALYSES = (
    ModuleAnalysis(
        path="a.rego",
        package=("a", "b c"),
        builtins=frozenset({"http.send"}),
        rules=frozenset({("a", "k"), ("a", "j")}),
        whole=frozenset({("a", "k")}),
        calls=frozenset({("lib", "f")}),
        unknown=("plugin.x",),
    ),
    ModuleAnalysis(path="b.rego", problem="line 2", hint="do this", invalid=True),
)
MODULES = (module(), module("package b {", path="b.rego"))


def test_a_second_process_starts_no_compiler(tmp_path):
    first, second = (in_a_process(tmp_path / "c", "a.rego", SOURCE) for _ in range(2))
    assert first == "['a.rego']  ['http.send'] True\n"
    assert second == "['a.rego']  ['http.send'] False\n"


def test_the_same_text_elsewhere_is_known(tmp_path):
    in_a_process(tmp_path / "c", "a.rego", SOURCE)
    assert in_a_process(tmp_path / "c", "other/b.rego", SOURCE) == "['other/b.rego']  ['http.send'] False\n"


def test_another_text_is_compiled(tmp_path):
    in_a_process(tmp_path / "c", "a.rego", SOURCE)
    assert in_a_process(tmp_path / "c", "a.rego", SOURCE + "l := opa.runtime()") == (
        "['a.rego']  ['http.send', 'opa.runtime'] True\n"
    )


def test_what_a_compiler_refuses_is_known_too(tmp_path):
    first, second = (in_a_process(tmp_path / "c", "a.rego", "package a\nk := {{{") for _ in range(2))
    assert first.replace("True", "False") == second
    assert "unclosed" in second


def test_a_process_remembers_without_a_folder(monkeypatch):
    source = "package remembered\nk := 1\n"
    first = BuiltInEngine().analyse([module(source)])
    monkeypatch.setattr("verifier.rego.regocpp.RegoCppEngine.analyse", None)  # which would now fail
    assert BuiltInEngine().analyse([module(source)]) == first


def test_a_module_that_is_nothing_but_its_package_needs_no_compiler(monkeypatch):
    monkeypatch.setattr("verifier.rego.regocpp.RegoCppEngine.analyse", None)
    (found,) = BuiltInEngine().analyse([module("package a.b # and no more\n")])
    assert (found.package, found.problem) == (("a", "b"), "")


def test_the_version_of_rego_counts(tmp_path):
    v0, v1 = (
        BuiltInEngine(folder=tmp_path / "c").analyse([module("package v\nk { true }\n", version=each)])[0]
        for each in (0, 1)
    )
    assert (v0.invalid, v1.invalid) == (False, True)


def test_everything_is_kept_and_comes_back(kept):
    kept.keep("artifact", MODULES, ANALYSES)
    assert kept.recall("artifact") == ANALYSES
    assert kept.recall("other") is None
    assert set(kept.find(MODULES).values()) == set(ANALYSES)


def test_a_name_is_recalled_without_looking_at_its_modules(tmp_path):
    folder, source = tmp_path / "c", "package named\nk := 1\n"
    first = BuiltInEngine(folder=folder).analyse(Named("one", module(source)))
    again = Named("one", module("package other\nk := 2\n"))
    assert BuiltInEngine(folder=folder).analyse(again) == first
    assert again.looked == 0


def test_what_may_be_otherwise_next_time_is_not_kept(kept):
    passing = ModuleAnalysis(path="b.rego", problem="did not end in time", final=False)
    kept.keep("artifact", MODULES, (ANALYSES[0], passing))
    assert kept.recall("artifact") is None
    assert list(kept.find(MODULES).values()) == [ANALYSES[0]]


def test_another_compiler_finds_anew(kept, tmp_path):
    kept.keep("artifact", MODULES, ANALYSES)
    other = KeptAnalyses(tmp_path / "compiled", "another compiler")
    assert (other.recall("artifact"), other.find(MODULES)) == (None, {})


def files(tmp_path):
    return sorted(path for path in (tmp_path / "compiled").iterdir() if path.name != LOCK)


DAMAGE = {
    "emptied": lambda content: content[:0],
    "cut short": lambda content: content[:-3],
    "one letter": lambda content: content.replace(b"http.send", b"http.sent"),
    "no digest": lambda content: content[65:],
    "another shape": lambda content: content[:65] + b"[]",
    "its digest alone": lambda content: content[:65],
    "junk": lambda content: b"\xff" * len(content),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_not_believed_and_is_written_anew(kept, tmp_path, damage):
    kept.keep("artifact", MODULES, ANALYSES)
    (path,) = files(tmp_path)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert (kept.recall("artifact"), kept.find(MODULES)) == (None, {})
    kept.keep("artifact", MODULES, ANALYSES)
    assert kept.recall("artifact") == ANALYSES


def test_a_file_that_others_may_write_is_not_believed(kept, tmp_path):
    kept.keep("artifact", MODULES, ANALYSES)
    (path,) = files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o666)
    assert kept.recall("artifact") is None


def test_a_link_in_its_place_is_not_followed(kept, tmp_path):
    kept.keep("artifact", MODULES, ANALYSES)
    (path,) = files(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert (kept.recall("artifact"), kept.find(MODULES)) == (None, {})


@pytest.mark.parametrize("make", [lambda path: path.mkdir(mode=0o755), lambda path: path.write_text("")])
def test_a_folder_that_is_not_ours_alone_is_not_used(tmp_path, make):
    make(tmp_path / "c")
    with pytest.raises(ConfigurationError):
        BuiltInEngine(folder=tmp_path / "c").analyse([module("package u\nk := 3\n")])
    told = []
    (found,) = BuiltInEngine(folder=tmp_path / "c", tell=told.append).analyse([module("package u\nk := 3\n")])
    assert (found.problem, len(told)) == ("", 1)


def test_what_is_kept_is_bounded(kept, tmp_path, monkeypatch):
    monkeypatch.setattr("verifier.rego.kept.MAX_FILES", 5)
    for each in range(12):
        kept.keep(f"artifact {each}", MODULES, ANALYSES)
    assert len(files(tmp_path)) == 5
    assert kept.recall("artifact 11") == ANALYSES


def test_what_a_writer_that_was_killed_had_begun_is_swept_and_never_read(kept, tmp_path):
    kept.keep("artifact", MODULES, ANALYSES)
    (whole,) = files(tmp_path)
    begun = whole.with_name(f".{whole.name}.0123456789abcdef")
    whole.rename(begun)
    assert (kept.recall("artifact"), kept.find(MODULES)) == (None, {})
    kept.keep("artifact", MODULES, ANALYSES)
    assert files(tmp_path) == [whole]


def test_who_finds_another_writing_keeps_nothing_and_disturbs_nothing(kept, tmp_path):
    begun = tmp_path / "compiled" / ".begun"
    with locked(tmp_path / "compiled" / LOCK):
        begun.write_bytes(b"")
        kept.keep("artifact", MODULES, ANALYSES)
    assert files(tmp_path) == [begun]


def test_the_compiler_is_named_with_its_version_and_ours():
    assert "regopy-" in installed()
    assert "policy-verifier" in installed()


def test_a_file_holds_nothing_but_what_it_says(kept, tmp_path):
    kept.keep("artifact", MODULES, ANALYSES)
    (path,) = files(tmp_path)
    assert len(json.loads(path.read_bytes()[65:])) == 2
