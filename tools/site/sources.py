"""What a page links to beside docs/ belongs to the site, too: a hook of mkdocs.

* README, CHANGELOG and the like are pages below `project/`; a link to any other file leads to a copy of it as text, and
  a link to a folder to a page that lists it. So the site needs no repository's address, and no network.
* A link means what it means in the repository: one that leads nowhere there, out of it, or to what is nobody's to read
  (`.git`, environments, what was built), is left as it is, and mkdocs refuses it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PRIVATE = frozenset({".git", ".venv", "__pycache__", "build", "dist", "node_modules"})
_LINK = re.compile(r"(?<=\]\()(?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?(?=\))")
_FENCE = re.compile(r"^(```.*?^```)$", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the project's own, and all that any page links to."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - who tests links has no mkdocs

    for page in sorted(ROOT.glob("*.md")):
        files.append(File.generated(config, f"project/{page.name}", abs_src_path=str(page)))
    linked = {path for file in files.documentation_pages() for path in _beside(file)}
    for path in sorted(linked.union(*(_inside(path) for path in linked if path.is_dir()))):
        if path.is_dir():
            files.append(File.generated(config, _place(path), content=_listing(path)))
        elif files.get_file_from_path(_place(path)) is None:
            files.append(File.generated(config, _place(path), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Every link to where the site has what it leads to."""
    origin, here = _origin(page.file), posixpath.dirname(page.file.src_uri)

    def led(link: re.Match[str]) -> str:
        target = _target(origin, link["path"])
        if target is None:
            return link[0]
        return posixpath.relpath(_place(target), here) + (link["anchor"] or "")

    parts = _FENCE.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(led, part) for part in parts)


def _beside(file: Any) -> Iterator[Path]:
    """What a page links to and mkdocs would not find."""
    origin = _origin(file)
    for part in _FENCE.split(file.content_string):
        if part.startswith("```"):
            continue
        for link in _LINK.finditer(part):
            target = _target(origin, link["path"])
            if target is not None and (target.is_dir() or not target.is_relative_to(ROOT / "docs")):
                yield target


def _origin(file: Any) -> Path:
    """The folder in the repository that a page's links start at."""
    return Path(file.abs_src_path).parent if file.abs_src_path else ROOT


def _target(origin: Path, path: str) -> Path | None:
    found = (origin / path).resolve()
    if not found.exists() or found == ROOT or not found.is_relative_to(ROOT):
        return None
    return None if _PRIVATE.intersection(found.relative_to(ROOT).parts) else found


def _place(path: Path) -> str:
    """Where the site has a file or folder of the repository."""
    name = path.relative_to(ROOT).as_posix()
    if path.is_dir():
        return f"folders/{name}.md"
    if path.is_relative_to(ROOT / "docs"):
        return path.relative_to(ROOT / "docs").as_posix()
    return f"project/{name}" if path.parent == ROOT and path.suffix == ".md" else f"source/{name}.txt"


def _listing(folder: Path) -> str:
    """A page with a link to each file of a folder, by its path from the repository's root."""
    name = folder.relative_to(ROOT).as_posix()
    rows = [path.relative_to(ROOT).as_posix() for path in sorted(_inside(folder))]
    return "\n".join((f"# {name}", "", *(f"* [{row}]({row})" for row in rows))) + "\n"


def _inside(folder: Path) -> set[Path]:
    """The files of a folder that are anybody's to read."""
    files = {path for path in folder.rglob("*") if path.is_file()}
    return {path for path in files if path.stat().st_size and not _PRIVATE.intersection(path.relative_to(ROOT).parts)}
