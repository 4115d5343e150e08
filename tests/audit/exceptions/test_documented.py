"""The file of exceptions in docs/audit.md is one."""

import re

from tests.support.audit.made import NOW
from tests.support.places import ROOT
from verifier.audit.exceptions.reading import read_exceptions

EXAMPLE = re.compile(r"## Exceptions\n.*?```toml\n(.*?)```", re.DOTALL)


def test_the_example_of_the_page_is_read():
    (text,) = EXAMPLE.findall((ROOT / "docs/audit.md").read_text())
    found = read_exceptions(text.encode(), where="docs/audit.md", now=NOW)
    assert [each.id for each in found.exemptions] == ["CVE-2024-34064"]
    assert [each.named for each in found.unknowns] == ["acme-core"]
