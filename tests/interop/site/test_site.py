"""The documentation as a site: whole, strict, and without a network, neither to make it nor to read it."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT

pytestmark = pytest.mark.interop
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
"""What a browser fetches without being asked; of `link` it depends on `rel`."""
PASSIVE = {"canonical", "next", "prev"}
"""Links of these kinds lead somewhere and fetch nothing."""


class Fetched(HTMLParser):
    """Everything that a browser would fetch to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "link" and given.get("rel") not in PASSIVE:
            self.urls.append(given["href"])
        if tag in LOADS and given.get(LOADS[tag]):
            self.urls.append(given[LOADS[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, made where there is no network."""
    place = tmp_path_factory.mktemp("site")
    mkdocs = executable("mkdocs", "MKDOCS")
    alone = [executable("bwrap", "BWRAP"), "--dev-bind", "/", "/", "--unshare-net"]
    made = subprocess.run(
        [*alone, mkdocs, "build", "--strict", "--site-dir", place],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(place), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return place


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_page_is_in_it_and_in_its_search(site):
    sources = [path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    assert [source for source in sources if not (site / source).exists()] == []
    found = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    searched = {each["location"].partition("#")[0] for each in found}
    assert {source.as_posix() for source in sources} <= searched


def test_no_page_fetches_anything_from_elsewhere(site):
    for page in pages(site):
        reader = Fetched()
        reader.feed(page.read_text())
        assert reader.urls, page
        assert [url for url in reader.urls if re.match(r"(?:[a-z]+:)?//", url)] == [], page


def test_no_style_fetches_anything_from_elsewhere(site):
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", style.read_text()) == [], style


def test_what_a_page_links_to_in_the_repository_is_there(site):
    text = (site / "architecture.html").read_text()
    assert 'href="source/verifier/engine/recipe.py.txt"' in text
    recipe = (ROOT / "verifier" / "engine" / "recipe.py").read_text()
    assert (site / "source" / "verifier" / "engine" / "recipe.py.txt").read_text() == recipe


def test_the_front_page_of_the_repository_leads_to_the_site_s_own_pages(site):
    text = (site / "project" / "index.html").read_text()
    assert 'href="../gateway.html"' in text
    assert 'href="CHANGELOG.html"' in text


def test_its_search_finds_without_a_server_or_a_network(site):
    browser = executable("chromium", "CHROMIUM")
    asked = ["--dump-dom", "--virtual-time-budget=20000", f"file://{site}/index.html?q=rollback"]
    alone = ["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
    shown = subprocess.run([browser, *alone, *asked], capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r'md-search-result__meta">(\d+) matching documents', shown)
    assert found, shown[-2000:]
    assert int(found[1]) > 5
