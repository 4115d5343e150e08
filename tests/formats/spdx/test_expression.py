"""What may be written as a licence expression: what SPDX lists, and nothing that a reader would refuse."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.spdx.expression import MAX_BRACKETS, MAX_EXPRESSION, is_expression, is_license_id
from verifier.formats.spdx.license_names import LICENSE_NAMES
from verifier.formats.spdx_license import parse_expression

WORDS = [
    "MIT",
    "Apache-2.0",
    "GPL-2.0-only",
    "GPL-2.0+",
    "Classpath-exception-2.0",
    "LicenseRef-x",
    "Expat",
    "AND",
    "OR",
]


@pytest.mark.parametrize(
    "text",
    [
        "MIT",
        "MIT AND Apache-2.0",
        "(MIT OR Apache-2.0) AND BSD-3-Clause",
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        "LGPL-2.1+",
        "LicenseRef-acme",
        "((MIT))",
        "GPL-2.0-only WITH Linux-syscall-note OR MIT",
    ],
)
def test_an_expression_is_one(text):
    assert is_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "()", "MIT AND (Apache-2.0 OR", "MIT/Apache-2.0", "MIT MIT", "MIT OR", "OR MIT", ") MIT (", "MIT)"),
        *("MIT WITH MIT", "(MIT) WITH Classpath-exception-2.0", "Classpath-exception-2.0", "GPL-2+", "Expat"),
        *("mit or apache-2.0", "NOASSERTION", "NONE", "MIT\x00", "MIT, Zlib", "MIT++", "GPL-2.0++"),
        "(" * (MAX_BRACKETS + 1) + "MIT" + ")" * (MAX_BRACKETS + 1),
        " OR ".join(["MIT"] * MAX_EXPRESSION),
    ],
)
def test_what_is_none_is_none(text):
    assert not is_expression(text)


def test_an_exception_is_no_licence():
    assert not is_license_id("Classpath-exception-2.0")


@given(st.lists(st.sampled_from([*WORDS, "WITH", "(", ")"]), max_size=9))
def test_whatever_is_one_the_strict_reader_reads(words):
    text = " ".join(words)
    if is_expression(text):
        parse_expression(text)


def test_every_name_that_the_official_schema_takes_is_known():
    schema = json.loads((files("cyclonedx.schema._res") / "spdx.SNAPSHOT.schema.json").read_text())
    assert set(schema["enum"]) <= LICENSE_NAMES
