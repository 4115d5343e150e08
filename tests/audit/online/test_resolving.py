"""What is not pinned is resolved by pip, which is given names and nothing that it could take for an option."""

from __future__ import annotations

import pytest

from tests.support.audit.made import package
from verifier.audit.online.children import PipAudit
from verifier.audit.online.resolving import Resolver


@pytest.fixture
def resolver(tmp_path):
    """A resolver whose child writes down what it was asked, and answers as a test says."""

    def make(*lines, **more):
        child = tmp_path / "python"
        said = "".join(f"printf '%s\\n' '{line}'\n" for line in (*lines, '{"end":true}'))
        keep = f"cp requirements.txt constraints.txt {tmp_path}\nenv > {tmp_path}/environment\n"
        child.write_text(f"#!/bin/sh\n{keep}{said}")
        child.chmod(0o755)
        return Resolver(pip_audit=PipAudit(python=str(child)), **more)

    return make


def asked(tmp_path, name="requirements.txt"):
    return (tmp_path / name).read_text().splitlines()


OPEN = package("acme", None, asked=">=1", line=3)


class TestWhatComesOfIt:
    def test_a_package_gets_the_version_that_was_chosen_and_says_so(self, resolver):
        (found,) = resolver('{"name":"acme","version":"1.4+x"}').resolve([OPEN]).packages
        assert (found.version, found.purl, found.resolved) == ("1.4+x", "pkg:pypi/acme@1.4%2Bx", True)
        assert (found.asked, found.places) == (">=1", OPEN.places)

    def test_what_comes_with_it_is_a_package_that_nobody_asked_for(self, resolver):
        _, brought = (
            resolver('{"name":"acme","version":"1"}', '{"name":"Dep.Two","version":"2"}').resolve([OPEN]).packages
        )
        assert (brought.name, brought.version, brought.direct, brought.resolved) == ("dep-two", "2", False, True)
        assert [each.file for each in brought.places] == ["requirements.txt"]

    def test_what_pip_left_out_stays_without_a_version(self, resolver):
        other = package("other", None)
        found = resolver('{"name":"acme","version":"1"}').resolve([OPEN, other]).packages
        assert [each.version for each in found] == ["1", None]

    def test_what_is_pinned_stays_as_it_is(self, resolver, tmp_path):
        pinned = package("other", "2.0")
        found = resolver('{"name":"acme","version":"1"}', '{"name":"other","version":"9"}').resolve([OPEN, pinned])
        assert found.packages[1] == pinned
        assert asked(tmp_path, "constraints.txt") == ["other==2.0"]

    def test_nothing_is_started_where_everything_is_pinned(self, resolver, tmp_path):
        assert resolver().resolve([package("acme", "1")]).packages == (package("acme", "1"),)
        assert not (tmp_path / "environment").exists()

    @pytest.mark.parametrize(
        "line",
        [
            '{"said":"failed","why":"no such package"}',
            '{"name":"acme"}',
            '{"name":"acme","version":"no version"}',
            '{"name":"-r evil","version":"1"}',
            '{"name":"brought","said":"skipped","why":"a version that is none"}',
            '{"said":"skipped","why":"who knows"}',
            "null",
        ],
    )
    def test_of_a_resolution_that_failed_nothing_is_taken(self, resolver, line):
        resolved = resolver('{"name":"acme","version":"1"}', line).resolve([OPEN])
        assert resolved.packages == (OPEN,)
        assert {each.code for each in resolved.reasons} == {"vulnerability.source-unavailable"}


class TestWhatPipIsGiven:
    def test_names_specifiers_and_markers(self, resolver, tmp_path):
        several = package("other", None, asked="[socks]~=2.0", markers=("python_version < '4'",))
        resolver().resolve([OPEN, several])
        assert asked(tmp_path) == ["-c constraints.txt", "acme>=1", 'other[socks]~=2.0; python_version < "4"']

    @pytest.mark.parametrize(
        "odd",
        [
            package("acme", None, asked=">=1\n--index-url https://evil.example/simple"),
            package("acme", None, asked=" @ https://evil.example/acme.whl"),
            package("acme", None, asked=">=1 --hash=sha256:00"),
            package("acme", None, asked=">=1", markers=("\n-e .",)),
            package("-e .", None),
            package("acme", None, source="git"),
            package("acme", None, local=True),
            package("acme", None, ecosystem="npm"),
            package("acme", None, index="https://pypi.evil.example/simple"),
        ],
        ids=lambda each: repr(each.asked or each.name),
    )
    def test_nothing_that_is_no_requirement_of_the_index_that_was_named(self, resolver, tmp_path, odd):
        assert resolver().resolve([odd]).packages == (odd,)
        assert not (tmp_path / "requirements.txt").exists()

    def test_the_index_for_the_upgrade_of_pip_as_well_and_no_source_distributions(self, resolver, tmp_path):
        resolver(index="https://pypi.acme.example/simple", more_indexes=("https://more.acme.example/simple",)).resolve(
            [OPEN]
        )
        said = asked(tmp_path, "environment")
        assert "PIP_INDEX_URL=https://pypi.acme.example/simple" in said
        assert "PIP_EXTRA_INDEX_URL=https://more.acme.example/simple" in said
        assert "PIP_ONLY_BINARY=:all:" in said
        assert "PIP_CONFIG_FILE=/dev/null" in said

    def test_nothing_of_our_own_environment(self, resolver, tmp_path, monkeypatch):
        monkeypatch.setenv("PIP_INDEX_URL", "https://evil.example/simple")
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
        resolver().resolve([OPEN])
        assert not [line for line in asked(tmp_path, "environment") if "evil" in line or "ghp_" in line]
