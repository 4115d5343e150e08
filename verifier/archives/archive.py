"""Reading a tar.gz strictly: one meaning for every byte.

* exactly one gzip stream holds exactly one tar, and nothing stands before, between, behind or hidden inside
* members are regular files and directories with safe names, each name once
* memory stays proportionate to the packed size until the whole archive is known to be within its limits
* contents are views of one buffer: nothing is copied

Source: RFC 1952; POSIX.1-2017 pax; formats/opa-bundle.md section 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from verifier.archives.findings import Findings
from verifier.archives.gzip_stream import GzipStream, declared_length, is_gzip
from verifier.archives.tar_header import Span
from verifier.archives.tar_walk import TarWalk
from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import STREAM, WALKED
from verifier.core.errors import Refused
from verifier.core.limits import MAX_RATIO, Limits
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.value import Value, field

FREELY_KEPT = 36 * 1024 * 1024
"""Unpacked bytes that are kept without asking what else the archive holds."""
FREE_RATIO = 16
"""Unpacked bytes for each packed byte up to which an archive is kept without asking; policy bundles have 3 to 12."""
_SPAN_COST = 256
"""Bytes of memory that one member costs beside its content."""


class Member(NamedTuple):
    """A regular file. `start` and `end` bound its bytes in the tar, with its extended headers and its padding."""

    path: str
    content: memoryview
    start: int
    end: int


class Archive(Value):
    """What was read: the tar up to its end-of-archive blocks, which begin at `body_end`, and where its files lie in it.

    `ascii` says that all of it is ASCII, and so UTF-8: no file needs to be asked.
    Thousands of spans are cheaper than as many views: those who go through all files make a view when they need one.
    """

    tar: memoryview = field(repr=False)
    spans: tuple[Span, ...] = field(repr=False)
    body_end: int
    ascii: bool
    findings: tuple[Reason, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        """The regular files, in order; made when asked for."""
        return tuple(Member(path, self.tar[body:stop], start, end) for path, start, body, stop, end in self.spans)


def read_archive(
    content: bytes, *, limits: Limits, mode: ReadingMode, subject: str, budget: Budget | None = None
) -> Archive:
    """Unpack and walk `content`; `Refused` with every `archive.*` reason that could be established.

    In opa-compat mode, what OPA accepts nevertheless is in `findings`, as warnings. `budget` pays for it, and has been
    granted what so large an archive may cost; by default it has one of its own.
    """
    budget = Budget(limits, packed=len(content)) if budget is None else budget
    findings = Findings(mode)
    if len(content) > limits.archive_bytes:
        message = f"{len(content)} bytes packed; at most {limits.archive_bytes} are allowed"
        raise findings.stop("input.too-large", subject, message)
    expected = min(declared_length(content), FREELY_KEPT, MAX_RATIO * len(content))
    walk = TarWalk(limits=limits, findings=findings, subject=subject, expected=expected, budget=budget)
    _Reading(content, limits=limits, findings=findings, subject=subject).read(walk)
    tar = memoryview(walk.tar)[: walk.body_end].toreadonly()
    _find_duplicates([span[0] for span in walk.spans], findings)
    findings.settle()
    return Archive(
        tar=tar, spans=tuple(walk.spans), body_end=walk.body_end, ascii=walk.ascii, findings=tuple(findings.reasons)
    )


class _Reading:
    """Feeds a walk from the packed bytes."""

    def __init__(self, content: bytes, *, limits: Limits, findings: Findings, subject: str) -> None:
        self._content, self._limits, self._findings, self._subject = content, limits, findings, subject

    def read(self, walk: TarWalk, *, scout: bool = True) -> None:
        """Read the whole archive into `walk`, after scouting it if it unpacks to suspiciously much."""
        start = 0
        while not walk.ended:
            if start:
                self._second_stream(start)
            walk.budget.spend(STREAM, subject=self._subject)
            stream = GzipStream(self._content, subject=self._subject, start=start)
            try:
                scout = self._pump(stream, walk, scout=scout)
            except Refused as refused:
                # Where the tar is complete, OPA has stopped reading and never sees the damage.
                if not walk.ended:
                    raise Refused(*dict.fromkeys((*refused.reasons, *self._findings.errors()))) from None
                for reason in refused.reasons:
                    self._findings.differs(reason.code, reason.subject, reason.message)
                return
            start = stream.end
            if walk.overrun:
                return
            if not is_gzip(self._content, start):
                break
        walk.finish()
        if start != len(self._content):
            message = f"{len(self._content) - start} bytes follow the gzip stream"
            self._findings.differs("archive.trailing-data", self._subject, message)

    def _pump(self, stream: GzipStream, walk: TarWalk, *, scout: bool) -> bool:
        for piece in stream.pieces():
            walk.feed(piece)
            if walk.overrun:
                break
            if walk.length > self._limits.ratio * len(self._content):
                message = f"more than {self._limits.ratio} bytes unpacked for each byte packed"
                raise self._findings.stop("archive.bomb", self._subject, message)
            if scout and _is_suspicious(walk, stream):
                self._scout(walk)
                scout = False
        return scout

    def _scout(self, walk: TarWalk) -> None:
        """Walk the whole archive once without keeping it: whatever would be refused is, before memory is spent."""
        if self._findings.strict:
            declared = declared_length(self._content)
            if declared > self._limits.total_bytes:
                message = f"{declared} bytes unpacked are declared; at most {self._limits.total_bytes} are allowed"
                raise self._findings.stop("archive.too-large", self._subject, message)
            if declared < walk.length:
                message = f"more is packed than the {declared} bytes that the last four bytes declare"
                raise self._findings.stop("archive.bad-checksum", self._subject, message)
        findings = Findings(self._findings.mode)
        tried = walk.budget.copy()
        scout = TarWalk(limits=self._limits, findings=findings, subject=self._subject, keep=False, budget=tried)
        _Reading(self._content, limits=self._limits, findings=findings, subject=self._subject).read(scout, scout=False)
        findings.settle()
        walk.budget.spend(WALKED, scout.length, subject=self._subject)

    def _second_stream(self, start: int) -> None:
        message = f"a second gzip stream starts at byte {start}"
        self._findings.differs("archive.trailing-data", self._subject, message)
        self._findings.settle()


def _is_suspicious(walk: TarWalk, stream: GzipStream) -> bool:
    cost = walk.length + _SPAN_COST * len(walk.spans)
    return cost > FREELY_KEPT and walk.length > FREE_RATIO * stream.consumed


def _find_duplicates(paths: Sequence[str], findings: Findings) -> None:
    """Names that are equal, or that some file system or some reader takes for equal."""
    # Names that differ without all that a prefix may consist of differ with it: mostly there is nothing to find.
    if all(map(str.isascii, paths)):
        joined = "\0".join(paths).lower()
        if len({name.lstrip("./") for name in joined.split("\0")}) == len(paths):
            return
    seen: dict[str, str] = {}
    for path in paths:
        name = path.removeprefix("/")
        bare = name.removeprefix("./")
        key = bare.lower() if bare.isascii() else _folded(bare)
        if key not in seen:
            seen[key] = name
        elif seen[key] == name:
            # OPA counts a name once against the signature, and refuses the second file.
            findings.denies("archive.duplicate-member", path, f"the name {name!r} stands twice")
        else:
            message = f"{name!r} and {seen[key]!r} are one name without regard to case, composition, and './'"
            findings.differs("archive.duplicate-member", path, message)


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    import unicodedata  # noqa: PLC0415 - most names are ASCII, and its table is a megabyte to load

    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
