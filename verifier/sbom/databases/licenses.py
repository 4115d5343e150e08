"""Licences as package managers write them, as SPDX knows them where it does.

* an identifier or an expression is said to be SPDX' only where every name in it is; all else is a name, as written
* Debian's and old Fedora's short names are told in SPDX' words where they mean exactly that

Source: https://spdx.org/licenses/; https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/#license-short-name
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from verifier.formats.bom.component import License
from verifier.sbom.databases.opening import MAX_FREE_TEXT, plain

_GNU: Final = tuple(
    f"{family}-{version}-{ending}"
    for family, versions in (
        *(("GPL", ("1.0", "2.0", "3.0")), ("LGPL", ("2.0", "2.1", "3.0")), ("AGPL", ("1.0", "3.0"))),
        ("GFDL", ("1.1", "1.2", "1.3")),
    )
    for version in versions
    for ending in ("only", "or-later")
)
_SPDX: Final = frozenset(
    {
        *_GNU,
        *("0BSD", "AFL-2.0", "AFL-2.1", "AFL-3.0", "Apache-1.0", "Apache-1.1", "Apache-2.0", "Artistic-1.0"),
        *("Artistic-1.0-Perl", "Artistic-2.0", "BlueOak-1.0.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-2-Clause-Patent"),
        *("BSD-3-Clause", "BSD-3-Clause-LBNL", "BSD-4-Clause", "BSD-4-Clause-UC", "BSD-Source-Code", "BSL-1.0"),
        *("bzip2-1.0.6", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "CDDL-1.0", "CDDL-1.1"),
        *("ClArtistic", "CPL-1.0", "curl", "ECL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.2", "FSFAP", "FSFUL", "FSFULLR"),
        *("FTL", "HPND", "HPND-sell-variant", "ICU", "IJG", "ImageMagick", "Info-ZIP", "Intel", "IPL-1.0", "ISC"),
        *("JSON", "Libpng", "libpng-2.0", "libtiff", "LPPL-1.3c", "MIT", "MIT-0", "MIT-advertising"),
        *("MIT-CMU", "MIT-feh", "MIT-open-group", "MPL-1.0", "MPL-1.1", "MPL-2.0", "MS-PL", "MulanPSL-2.0", "NCSA"),
        *("NTP", "OFL-1.1", "OLDAP-2.8", "OpenSSL", "PHP-3.01", "PostgreSQL", "PSF-2.0", "Python-2.0"),
        *("Python-2.0.1", "QPL-1.0", "Ruby", "SAX-PD", "Sendmail", "SGI-B-2.0", "Sleepycat", "SMLNJ", "SSH-OpenSSH"),
        *("SSH-short", "SunPro", "TCL", "Unicode-3.0", "Unicode-DFS-2015", "Unicode-DFS-2016", "Unlicense", "UPL-1.0"),
        *(
            "Vim",
            "W3C",
            "WTFPL",
            "X11",
            "XFree86-1.1",
            "Zend-2.0",
            "Zlib",
            "ZPL-2.0",
            "ZPL-2.1",
            "zlib-acknowledgement",
        ),
    }
)
"""Identifiers of SPDX' list that distributions use: a name that is missing here is given as a name."""
_EXCEPTIONS: Final = frozenset(
    {
        *("Autoconf-exception-2.0", "Autoconf-exception-3.0", "Bison-exception-2.2", "Classpath-exception-2.0"),
        *(
            "Font-exception-2.0",
            "GCC-exception-2.0",
            "GCC-exception-3.1",
            "GNU-compiler-exception",
            "Libtool-exception",
        ),
        *("Linux-syscall-note", "LLVM-exception", "openvpn-openssl-exception"),
        *("Universal-FOSS-exception-1.0", "u-boot-exception-2.0", "x11vnc-openssl-exception"),
    }
)


def _short_names() -> Iterator[tuple[str, str]]:
    """What Debian ("GPL-2+") and old Fedora ("GPLv2+") call the licences of GNU."""
    for name in _GNU:
        family, version, ending = name.split("-", 2)
        short, plus = version.removesuffix(".0"), "+" if ending == "or-later" else ""
        for written in (f"{family}-{version}{plus}", f"{family}-{short}{plus}", f"{family}v{short}{plus}"):
            yield written, name


_OTHER_NAMES: Final = {
    **dict(_short_names()),
    "Expat": "MIT",
    "Apache-2": "Apache-2.0",
    "ASL 2.0": "Apache-2.0",
    "Artistic-2": "Artistic-2.0",
    "BSD-2-clause": "BSD-2-Clause",
    "BSD-3-clause": "BSD-3-Clause",
    "BSD-4-clause": "BSD-4-Clause",
    "MPL-1.1": "MPL-1.1",
    "MPLv2.0": "MPL-2.0",
    "MPL-2": "MPL-2.0",
    "zlib": "Zlib",
    "CC0": "CC0-1.0",
    "Boost-1.0": "BSL-1.0",
    "PSF-2": "PSF-2.0",
}
_FOLDED: Final = {name.lower(): name for name in _SPDX | _EXCEPTIONS}
_WORDS = re.compile(r"\(|\)|[^\s()]+")
MAX_LICENSES: Final = 200
"""Different ones that are told of one package."""


@lru_cache(maxsize=4_096)
def _of(text: str) -> License:
    """The licence that `text` names: SPDX' own words are tried first, then other names of single ones."""
    single = _OTHER_NAMES.get(text) or _FOLDED.get(text.lower())
    if single in _SPDX:
        return License(single, "id", "declared")
    written = _expression(text)
    return License(written, "expression", "declared") if written else License(text, "name", "declared")


def license_of(text: str) -> License | None:
    """The licence that a package states by `text`; None where it states none."""
    said = plain(text)
    if not said or said.upper() in {"NONE", "NOASSERTION", "UNKNOWN", "(NONE)"}:
        return None
    return _of(said)


def licenses_of(texts: Iterable[str]) -> tuple[License, ...]:
    """The different licences that `texts` name, sorted, at most `MAX_LICENSES`; one that is an expression is told as a
    name where others stand beside it, as a CycloneDX document has one expression or a list."""
    found = sorted({said for text in texts if (said := license_of(text)) is not None})[:MAX_LICENSES]
    if len(found) > 1:
        found = [each._replace(form="name") if each.form == "expression" else each for each in found]
    return tuple(found)


def _expression(text: str) -> str:
    """`text` with every name as SPDX writes it, where it is an expression of such names; else ""."""
    if len(text) > MAX_FREE_TEXT:
        return ""
    words = [
        word.upper() if word.upper() in {"AND", "OR", "WITH"} else _FOLDED.get(word.lower(), word)
        for word in _WORDS.findall(text)
    ]
    depth, wants_name, before = 0, True, ""
    for word in words:
        if word == "(" and wants_name and before != "WITH":
            depth += 1
        elif word == ")" and not wants_name and depth:
            depth -= 1
        elif word in {"AND", "OR", "WITH"} and not wants_name and not (word == "WITH" and before == ")"):
            wants_name = True
        elif wants_name and word in (_EXCEPTIONS if before == "WITH" else _SPDX):
            wants_name = False
        else:
            return ""
        before = word
    return " ".join(words).replace("( ", "(").replace(" )", ")") if words and not wants_name and not depth else ""
