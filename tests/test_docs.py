"""What the documentation says can be typed, works.

What a mark above a block promises is in `tests/support/docs/pages.py`. The blocks that need a real peer run in
`tests/interop/site/test_pages.py`.
"""

import re
import shlex

import pytest
import typer

from tests.support.docs.pages import PAGES, PEERS, blocks, blocks_of, named, run, running, stage, unfenced
from tests.support.docs.readers import READERS
from tests.support.docs.tables import rows
from tests.support.places import ROOT
from verifier.cli.app import command_line
from verifier.core.reasons.table import CATALOGUE

LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
ABSOLUTE = re.compile(r"[a-z]+:")


@pytest.mark.rego  # the policy that `verify trust init` writes asks what modules can do
@pytest.mark.parametrize("page", running(with_peers=False), ids=named)
def test_what_runs_is_run_as_it_is_written(page, tmp_path):
    folder, environment = stage(tmp_path, {})
    for block in blocks(page):
        if block.runs and not block.peers:
            run(block, folder, environment, seconds=600)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_block_is_without_somebody_who_tries_it_or_a_reason(page):
    assert [block.text for block in blocks(page) if not block.marked] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_is_fenced(page):
    assert unfenced(page.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "Type:\n\n    verify bundle x\n",
        "~~~sh\nverify bundle x\n~~~\n",
        "```sh title=x\nverify bundle x\n```\n",
        "```{.sh}\nverify bundle x\n```\n",
        "````sh\nverify bundle x\n````\n",
        "```sh\nverify bundle x\n",
        "<pre>verify bundle x</pre>\n",
    ],
)
def test_a_block_in_another_form_is_seen(text):
    assert unfenced(text)


@pytest.mark.parametrize(
    "above",
    [
        "",
        "<!-- run -->",
        "<!--runs-->",
        "<!-- runs -->\n",
        "<!-- runs, ends with 1 -->",
        "<!-- not run: -->",
        "<!-- not run: no -->",
    ],
)
def test_a_mark_that_is_none_counts_for_nothing(above):
    (block,) = blocks_of(f"{above}\n```sh\nverify bundle x\n```\n")
    assert not block.marked


def test_every_page_is_in_the_navigation_of_the_site():
    led = set(re.findall(r"(?:- |: )([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages <= led
    assert {page for page in led - pages if not (ROOT / page.removeprefix("project/")).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_is_to_be_read_is_read(page, tmp_path):
    for number, block in enumerate(block for block in blocks(page) if block.read):
        (folder := tmp_path / str(number)).mkdir()
        READERS[block.read](block.text, folder)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_block_needs_peers_that_there_are(page):
    assert {peer for block in blocks(page) for peer in block.peers} <= PEERS


def test_the_readme_has_something_that_runs():
    assert any(block.runs for block in blocks(ROOT / "README.md"))


def typed_commands(page):
    """Every `verify …` line of a page's shell blocks, as words."""
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.startswith("verify "):
                yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_and_option_that_is_shown_exists(page):
    for words in typed_commands(page):
        command = typer.main.get_command(command_line())
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        command = command.unnamed() if hasattr(command, "unnamed") else command
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert not getattr(command, "commands", {}) or words == ["--version"], words
        ours = words[: words.index("--")] if "--" in words else words  # behind it stand another command's
        assert {word.partition("=")[0] for word in ours if word.startswith("--")} - known <= {"--help", "--version"}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_inside_the_project_leads_somewhere(page):
    links = [link for link in LINK.findall(page.read_text()) if not ABSOLUTE.match(link)]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_reason_code_that_is_mentioned_exists(page):
    areas = "|".join(sorted({code.partition(".")[0] for code in CATALOGUE}))
    mentioned = set(re.findall(rf"`((?:{areas})\.[a-z0-9]+(?:-[a-z0-9]+)+)`", page.read_text()))
    assert mentioned <= set(CATALOGUE)


def test_every_claim_about_another_tool_has_a_source():
    page = (ROOT / "docs" / "comparison.md").read_text()
    claims = [row for row in rows(page.partition("\n## OPA\n")[2]) if row[0] != "claim"]
    assert len(claims) > 25
    assert [row for row in claims if len(row) != 2 or not re.search(r"\]\(\S+\)|^the same", row[1])] == []
