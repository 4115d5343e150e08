"""Which files dpkg says that a package owns, and with what digests.

* `info/NAME.list` are the files, `info/NAME.md5sums` what the package says of their bytes; configuration files have
  their digest in the package's record
* a file that another package has diverted stands where the diversion put it
* what dpkg was told to leave out (`path-exclude`), and documentation, may be missing

Source: dpkg 1.21, lib/dpkg/db-fsys-files.c, db-fsys-digest.c, db-fsys-divert.c, src/main/filters.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from typing import Final, NamedTuple

from verifier.evidence.contents import Contents, FileFact
from verifier.sbom.catalog.reader import MAX_OWNED, Owned
from verifier.sbom.databases.opening import content_of, inside, unreadable

MAX_LIST: Final = 32 * 1024 * 1024
MAX_RULES: Final = 200
"""`path-exclude` and `path-include` of one image: slim ones have some ten."""
DOCUMENTATION: Final = (
    *("usr/share/doc/", "usr/share/man/", "usr/share/info/", "usr/share/locale/", "usr/share/lintian/"),
    *("usr/share/linda/", "usr/share/groff/", "usr/share/doc-base/", "usr/share/help/", "usr/share/gtk-doc/"),
)
"""What images are commonly made smaller by: nothing in there is run."""
_MD5 = re.compile(r"([0-9a-f]{32})  ?(?:\./)?(.+)")
_RULE = re.compile(r"\s*path-(exclude|include)(?:\s*=\s*|\s+)(\S+)\s*")


class Lists(NamedTuple):
    """The files of one package, where they are there: its list and its digests."""

    listing: FileFact | None
    digests: FileFact | None


class Spare:
    """What a package may be without: documentation, and what the configuration of dpkg leaves out."""

    def __init__(self, configurations: Iterable[str] = ()) -> None:
        self._rules: list[tuple[bool, re.Pattern[str]]] = []
        self._fill(configurations)

    def _fill(self, configurations: Iterable[str]) -> None:
        for text in configurations:
            for line in text.split("\n"):
                if (matched := _RULE.fullmatch(line)) and len(matched[2]) <= 256:
                    rule = matched[2].strip("\"'").lstrip("/")
                    self._rules.append((matched[1] == "exclude", re.compile(translate(_fewer_stars(rule)))))
                if len(self._rules) > MAX_RULES:
                    raise unreadable("etc/dpkg", f"has more than {MAX_RULES} rules of what to leave out")

    def __call__(self, path: str) -> bool:
        """Whether `path` may be missing: the last rule that matches it counts."""
        if path.startswith(DOCUMENTATION):
            return True
        return next((excluded for excluded, rule in reversed(self._rules) if rule.match(path)), False)


def read_diversions(content: bytes, *, path: str) -> dict[str, tuple[str, str]]:
    """By diverted path: where it is, and the package whose file stays (":" for none)."""
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) % 3:
        raise unreadable(path, f"has {len(lines)} lines, expected three for each diversion")
    diverted = {}
    for at in range(0, len(lines), 3):
        old, new = inside(lines[at]), inside(lines[at + 1])
        if not old or not new:
            raise unreadable(path, f"line {at + 1} diverts {lines[at][:80]!r} to {lines[at + 1][:80]!r}")
        diverted[old] = (new, lines[at + 2])
    return diverted


class FileLists:
    """Reads the lists of packages, of one image; `diverted` and `spare` are the image's."""

    def __init__(self, contents: Contents, diverted: Mapping[str, tuple[str, str]], spare: Spare) -> None:
        self._contents, self._diverted, self._spare = contents, diverted, spare
        self._count = 0

    def owned(self, package: str, owner: str, lists: Lists, conffiles: Iterable[tuple[str, bytes]]) -> list[Owned]:
        """The files that `package` owns, whose ref is `owner`."""
        digests = dict(self._digests(lists.digests)) if lists.digests else {}
        configured = {path: digest for said, digest in conffiles if (path := inside(said))}
        paths = list(dict.fromkeys(self._listed(lists.listing))) if lists.listing else []
        known, folders = set(paths), {path.rpartition("/")[0] for path in paths}
        paths = [path for path in paths if path not in folders]
        paths += [path for path in (*digests, *configured) if path not in known]
        self._count += len(paths)
        if self._count > MAX_OWNED:
            raise unreadable(
                (lists.listing or lists.digests or _NOWHERE).path, f"more than {MAX_OWNED} files are listed"
            )
        return [self._one(package, owner, path, digests, configured) for path in paths]

    def left(self, lists: Lists, conffiles: Iterable[tuple[str, bytes]]) -> list[str]:
        """The files that are there of a package that is not: what it left as its configuration is none of them."""
        if lists.listing is None:
            return []
        configured = {inside(said) for said, _ in conffiles}
        paths = (path for path in dict.fromkeys(self._listed(lists.listing)) if path not in configured)
        there = ((path, self._contents.files.find(path)) for path in paths)
        return [path for path, fact in there if fact is not None and fact.type == "file"]

    def _one(
        self, package: str, owner: str, path: str, digests: dict[str, bytes], configured: dict[str, bytes]
    ) -> Owned:
        where, by = self._diverted.get(path, (path, package))
        if by == package:
            where = path
        if path in configured:
            return Owned(where, owner, "md5", configured[path], "", "config")
        if path in digests:
            return Owned(where, owner, "md5", digests[path], "", "spare" if self._spare(path) else "content")
        empty = bool(digests) or self._spare(path)  # what has no digest where others do is a link or an empty folder
        return Owned(where, owner, role="spare" if empty else "content")

    def _lines(self, fact: FileFact) -> list[str]:
        content = content_of(self._contents, fact, max_bytes=MAX_LIST)
        if content.count(b"\n") > MAX_OWNED:
            raise unreadable(fact.path, f"has more than {MAX_OWNED} lines")
        return content.decode("utf-8", "surrogateescape").split("\n")

    def _listed(self, fact: FileFact) -> Iterator[str]:
        for line in self._lines(fact):
            path = inside(line)
            if path is None:
                raise unreadable(fact.path, f"lists {line[:80]!r}, which is no path")
            if path:
                yield path

    def _digests(self, fact: FileFact) -> Iterator[tuple[str, bytes]]:
        for line in self._lines(fact):
            if not line:
                continue
            matched = _MD5.fullmatch(line)
            path = inside(matched[2]) if matched else None
            if matched is None or not path:
                raise unreadable(fact.path, f"has the line {line[:80]!r}, expected an MD5 and a path")
            yield path, bytes.fromhex(matched[1])


_NOWHERE: Final = FileFact("var/lib/dpkg", "directory")


def _fewer_stars(rule: str) -> str:
    """Stars that follow each other mean one, and cost more with each."""
    return re.sub(r"\*+", "*", rule)
