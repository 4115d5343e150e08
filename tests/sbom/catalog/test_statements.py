"""What databases state in words of their own: which system it is, and which licences."""

import pytest

from tests.support.sboms.databases import APK, apk, found, one
from verifier.core.errors import Refused
from verifier.sbom.databases.copyright import stated
from verifier.sbom.databases.licenses import license_of, licenses_of


@pytest.mark.parametrize(
    ("files", "distro"),
    [
        ({"etc/os-release": b"ID=debian\nVERSION_ID=12\n"}, "debian-12"),
        ({"etc/os-release": b"ID='opensuse-leap'\nVERSION_ID=\"15.6\" # not a comment\n"}, "opensuse-leap-15.6"),
        ({"usr/lib/os-release": b"ID=debian\n"}, "debian"),
        ({"etc/os-release": b"ID=a\nVERSION_ID=1\n", "usr/lib/os-release": b"ID=b\n"}, "a-1"),
        ({"etc/os-release": ("link", "../usr/lib/os-release"), "usr/lib/os-release": b"ID=b\n"}, "b"),
        ({"etc/os-release": ("link", "/nowhere"), "usr/lib/os-release": b"ID=b\n"}, "b"),
        ({"etc/os-release": b"NAME=nothing of use\n", "usr/lib/os-release": b"ID=b\n"}, "b"),
        ({"etc/os-release": b'not a line\nID="a\n ID=c\n\xff\n'}, "c"),
    ],
)
def test_which_system_it_is(files, distro):
    assert f"distro={distro}" in one(found({**files, APK: apk("package")}), "package").purl


@pytest.mark.parametrize(
    "content", [b"ID=../../etc\n", b"ID=a\x1b[0m\n", b"ID=a\nVERSION_ID=1?x=2\n", b"ID=" + b"a" * 2000]
)
def test_a_system_of_no_name_is_refused(content):
    with pytest.raises(Refused) as refused:
        found({"etc/os-release": content})
    assert refused.value.reasons[0].code == "input.unreadable"


@pytest.mark.parametrize(
    ("said", "text", "form"),
    [
        ("MIT", "MIT", "id"),
        ("mit", "MIT", "id"),
        ("Expat", "MIT", "id"),
        ("GPL-2+", "GPL-2.0-or-later", "id"),
        ("LGPLv2+", "LGPL-2.0-or-later", "id"),
        ("ASL 2.0", "Apache-2.0", "id"),
        ("mit and (apache-2.0 or GPL-2.0-only)", "MIT AND (Apache-2.0 OR GPL-2.0-only)", "expression"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "expression"),
        ("MIT AND", "MIT AND", "name"),
        ("(MIT", "(MIT", "name"),
        ("MIT)", "MIT)", "name"),
        ("()", "()", "name"),
        ("MIT Apache-2.0", "MIT Apache-2.0", "name"),
        ("MIT WITH MIT", "MIT WITH MIT", "name"),
        ("Classpath-exception-2.0", "Classpath-exception-2.0", "name"),
        ("GPL-2+ or Artistic", "GPL-2+ or Artistic", "name"),
        ("my\x1b[31m own", "my [31m own", "name"),
    ],
)
def test_a_licence_is_spdx_only_where_every_name_in_it_is(said, text, form):
    assert license_of(said)[:2] == (text, form)


@pytest.mark.parametrize("said", ["", " ", "NONE", "noassertion", "UNKNOWN", "(none)"])
def test_no_licence_is_none(said):
    assert license_of(said) is None


def test_licences_are_told_once_and_expressions_beside_others_by_name():
    assert [each[:2] for each in licenses_of(["MIT OR ISC", "Expat", "MIT", "zlib"])] == [
        ("MIT", "id"),
        ("MIT OR ISC", "name"),
        ("Zlib", "id"),
    ]


def test_every_licence_that_is_said_to_be_spdxs_is():
    library = pytest.importorskip("license_expression")
    from verifier.sbom.databases import licenses  # noqa: PLC0415 - its tables, which nobody else asks for

    assert (licenses._SPDX | licenses._EXCEPTIONS) - set(library.get_spdx_licensing().known_symbols) == set()
    assert set(licenses._OTHER_NAMES.values()) - licenses._SPDX == set()


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nLicense: MIT\n", ["MIT"]),
        (
            b"Format-Specification: http://dep.debian.net/deps/dep5\n\nFiles: *\nLicense:  BSD-3-clause \n text\n",
            ["BSD-3-clause"],
        ),
        (b"Format: copyright-format/1.0\n\nFiles: *\nLicense:\n text without a name\n", []),
        (b"Format: copyright-format/1.0\n\nLicense: MIT\n the text alone\n", []),
        (b"Format: copyright-format/1.0\n\nFiles: *\nLicense: " + b"x" * 200 + b"\n", []),
        (b"This package is free. License: MIT\n", []),
        (b"", []),
        (b"\0" * 5000, []),
    ],
)
def test_what_a_copyright_file_states(content, names):
    assert stated(content) == names
