"""The table of build types."""

from verifier.formats.intoto.build_types import BUILD_TYPES, known_build_type
from verifier.formats.intoto.parameters import is_path


def test_each_build_type_has_one_row():
    assert len({row.uri for row in BUILD_TYPES}) == len(BUILD_TYPES)


def test_a_wildcard_stands_for_one_version_only():
    known = "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/{}/PROVENANCE.md"
    assert known_build_type(known.format("v17.1.0")) is not None
    assert known_build_type(known.format("a/b")) is None
    assert known_build_type(known.format("v1") + "\n") is None


def test_recognised_parameters_are_spelled_as_paths():
    assert all(is_path(path) for row in BUILD_TYPES for path in row.recognised)
