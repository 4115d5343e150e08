"""Platforms, as an index, a config and a command name them."""

import pytest

from verifier.core.errors import Refused
from verifier.formats.json.fields import Fields
from verifier.formats.oci.platform import Platform, parse_platform, read_platform


def read(**members):
    return read_platform(Fields.of(members, code="image.malformed", subject="s"))


@pytest.mark.parametrize("text", ["linux/amd64", "linux/arm64/v8", "windows/amd64", "wasip1/wasm", "linux/arm/v7"])
def test_a_platform_is_read_and_written_alike(text):
    assert str(parse_platform(text)) == text


@pytest.mark.parametrize("text", ["", "linux", "linux/", "/amd64", "linux/amd64/", "a/b/c/d", "linux amd64", "l/a\n"])
def test_what_is_none_is_refused(text):
    with pytest.raises(ValueError, match="OS/ARCHITECTURE"):
        parse_platform(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/amd64", "linux/amd64/v1"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/ARM64/V8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/9.0", "linux/arm64/v9"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
    ],
)
def test_one_platform_has_several_names(one, other):
    assert parse_platform(one).is_same(parse_platform(other))
    assert parse_platform(other).is_same(parse_platform(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("linux/amd64", "linux/arm64"),
        ("linux/amd64", "windows/amd64"),
        ("linux/arm/v6", "linux/arm/v7"),
        ("linux/arm64/v9", "linux/arm64/v8"),
        ("linux/amd64/v2", "linux/amd64"),
    ],
)
def test_others_are_others(one, other):
    assert not parse_platform(one).is_same(parse_platform(other))


def test_a_windows_version_tells_two_apart_where_both_have_one():
    old, new = (Platform(os="windows", architecture="amd64", os_version=version) for version in ("10.0.1", "10.0.2"))
    assert not old.is_same(new)
    assert old.is_same(Platform(os="windows", architecture="amd64"))


def test_all_its_members_are_read():
    members = {"os": "windows", "architecture": "arm", "variant": "v7"}
    found = read(**members, **{"os.version": "10.0.17763.1", "os.features": ["win32k"]})
    assert (str(found), found.os_version, found.os_features) == ("windows/arm/v7", "10.0.17763.1", ("win32k",))


@pytest.mark.parametrize("members", [{}, {"os": "", "architecture": ""}, {"os": None}])
def test_what_says_nothing_has_none(members):
    assert read(**members) is None


@pytest.mark.parametrize("name", ["os", "architecture", "variant", "os.version"])
@pytest.mark.parametrize("value", ["a/b", "a b", "\n", "x" * 65, "é"])
def test_a_part_that_is_no_name_is_refused(name, value):
    with pytest.raises(Refused):
        read(**({"os": "linux", "architecture": "amd64"} | {name: value}))
