"""The pages of the documentation, and the blocks on them: which of them run, with what, and how they end.

A fenced block has a mark above it, an HTML comment:

* `<!-- runs -->`: run as it is written, after the blocks before it on the page, in one folder that begins empty, with
  `verify` on PATH and nothing else of this project;
* `<!-- runs with OPA -->`: so as well, where that peer is (`PEERS`), among the tests against real peers;
* `<!-- runs, and ends with 1: version.rollback -->`: with this exit status, and these words in what it says;
* `<!-- read as a trust policy -->`: read by the reader of such files (`tests/test_docs.py` has them);
* `<!-- not run: it needs GitHub -->`: why not.

Blocks of what is printed or drawn (`text`, or no language) need none.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.places import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PEERS = {"OPA", "a registry", "PostgreSQL"}
SHOWN = {"", "text", "diff"}
"""Languages of what is only shown."""
_BLOCK = re.compile(
    r"(?:^(?P<above>[^\n]*)\n)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_RUNS = re.compile(
    r"<!-- runs(?: with (?P<peers>[^,:>]+))?(?:, and ends with (?P<status>\d)(?:: (?P<says>[^>]+))?)? -->"
)
_READ = re.compile(r"<!-- read as (?P<kind>[^>]+) -->")
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>[^>]{8,}) -->")


class Block(NamedTuple):
    """A fenced block. `peers` is what it needs; `status` and `says` how it ends; `read` whose reader reads it."""

    language: str
    text: str
    runs: bool = False
    peers: frozenset[str] = frozenset()
    status: int = 0
    says: str = ""
    read: str = ""
    why_not: str = ""

    @property
    def marked(self) -> bool:
        return bool(self.runs or self.read or self.why_not or self.language in SHOWN)


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    return blocks_of(page.read_text(encoding="utf-8"))


def blocks_of(text: str) -> list[Block]:
    return [_block(found) for found in _BLOCK.finditer(text)]


def unfenced(text: str) -> list[str]:
    """Lines that look like code and that `blocks_of` does not see: in another form of a block, or merely indented."""
    left = re.sub(r"(?:^ *```\w*\n)(?:.*?\n)??(?:^ *```$)", "", text, flags=re.MULTILINE | re.DOTALL)
    found, listed, blank = [], False, True
    for line in left.splitlines():
        if line and not line[0].isspace():
            listed = re.match(r"(?:[*+-]|\d+\.) ", line) is not None
        if re.match(r" *(?:```|~~~|<pre)", line) or (blank and not listed and re.match(r" {4,}\S", line)):
            found.append(line)
        blank = not line.strip()
    return found


def _block(found: re.Match[str]) -> Block:
    indent, above = found["indent"], (found["above"] or "").strip()
    text = re.sub(rf"^{indent}", "", found["text"], flags=re.MULTILINE)
    bare = Block(found["language"], text)
    if runs := _RUNS.fullmatch(above):
        peers = frozenset((runs["peers"] or "").split(" and ")) - {""}
        return bare._replace(runs=True, peers=peers, status=int(runs["status"] or 0), says=runs["says"] or "")
    if read := _READ.fullmatch(above):
        return bare._replace(read=read["kind"])
    why = _NOT_RUN.fullmatch(above)
    return bare._replace(why_not=why["why"] if why else "")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def running(*, with_peers: bool) -> list[Path]:
    """The pages that have blocks to run, without any peer; or those of which any block needs one."""
    found = {page: [block for block in blocks(page) if block.runs] for page in PAGES}
    return [page for page, all_of in found.items() if any(bool(block.peers) == with_peers for block in all_of)]


def stage(folder: Path, programs: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
    """An empty folder below `folder`, and an environment in which `verify` and `programs` are commands."""
    commands, empty = folder / "bin", folder / "empty"
    commands.mkdir()
    empty.mkdir()
    verify = commands / "verify"
    verify.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    verify.chmod(0o755)
    for name, program in programs.items():
        (commands / name).symlink_to(program)
    path = os.pathsep.join((str(commands), "/usr/bin", "/bin"))
    return empty, {"PATH": path, "HOME": str(empty), "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}


def run(
    block: Block, folder: Path, environment: Mapping[str, str], *, seconds: float, sessions: list[int] | None = None
) -> str:
    """What the block says, once it has ended as it should; an AssertionError where it ends otherwise.

    What it leaves running is in the session that `sessions` is told of: `end` ends it.
    """
    interpreters = {"sh": ["/bin/sh", "-eu"], "python": [sys.executable, "-W", "error"]}
    with subprocess.Popen(
        [*interpreters[block.language], "-c", block.text],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        if sessions is not None:
            sessions.append(process.pid)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            end([process.pid])
            raise
    assert process.returncode == block.status, f"{block.text}\nexit status {process.returncode}\n{out}{err}"
    assert block.says in out + err, f"{block.text}\n{out}{err}"
    assert block.status or "FAILED" not in out, f"{block.text}\n{out}{err}"
    return out


def end(sessions: Iterable[int]) -> None:
    """End whatever blocks have left running."""
    for session in sessions:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(session, signal.SIGTERM)
