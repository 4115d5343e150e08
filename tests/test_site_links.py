"""A link on a page means in the site what it means in the repository, and leads to nothing that is nobody's to read."""

from types import SimpleNamespace

import pytest

from tests.support.places import ROOT
from tools.site.sources import on_page_markdown


def written(markdown: str, *, page: str = "gateway.md", beside: str = "docs") -> str:
    """The text of a page of that name in the site, from a file of that folder in the repository."""
    origin = ROOT / beside / page
    return on_page_markdown(markdown, SimpleNamespace(file=SimpleNamespace(abs_src_path=str(origin), src_uri=page)))


@pytest.mark.parametrize(
    ("link", "page", "led"),
    [
        ("runtime.md", "gateway.md", "runtime.md"),
        ("runtime.md#the-cache", "gateway.md", "runtime.md#the-cache"),
        ("../signing.md", "security/threat-model.md", "../signing.md"),
        ("../CHANGELOG.md", "gateway.md", "project/CHANGELOG.md"),
        ("../verifier/engine/recipe.py", "architecture.md", "source/verifier/engine/recipe.py.txt"),
        ("../../.github/workflows/audit.yml", "users/auditing.md", "../source/.github/workflows/audit.yml.txt"),
        ("examples/kubernetes/", "images.md", "folders/docs/examples/kubernetes.md"),
    ],
)
def test_a_link_leads_to_where_the_site_has_it(link, page, led):
    assert written(f"[there]({link})", page=page) == f"[there]({led})"


@pytest.mark.parametrize(
    "link",
    [
        "../.git/config",
        "../.git",
        "../.venv/bin/python",
        "..",
        ".././",
        "../../../etc/passwd",
        "/etc/passwd",
        "gone.md",
        "https://example.org/verifier/engine/recipe.py",
        "mailto:nobody@acme.example",
        "#an-anchor",
    ],
)
def test_what_is_not_of_the_site_is_left_for_mkdocs_to_refuse_or_to_follow(link):
    assert written(f"[there]({link})") == f"[there]({link})"


def test_what_stands_in_a_block_is_no_link():
    text = "```sh\necho '[there](../CHANGELOG.md)'\n```\n"
    assert written(text) == text


def test_the_front_page_leads_to_pages_of_the_site():
    led = written("[a](docs/gateway.md) [b](SECURITY.md)", page="README.md", beside=".")
    assert led == "[a](docs/gateway.md) [b](SECURITY.md)".replace("docs/", "").replace("SECURITY", "project/SECURITY")
