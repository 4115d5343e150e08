"""Searching an image for secrets while its layers are read: a scanner in a child, and rules of our own.

* every byte of every file is searched, whatever it is called and whatever it is: tokens are built into programs, too;
  what is packed inside a file (a zip, a wheel) is not unpacked
* what is found is a rule, a place and a fingerprint that is salted for one search; no character of a secret is kept
* the child has bounds of memory and time, and no network to speak of; where it is not installed, outgrows them or ends
  before it has seen everything, that is a problem, which is no pass
* findings are named in the order of their places, so that two searches of one image say the same

Layers may be read at once, each by a thread.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from verifier.archives.layers.table import Entry, Sink, Visit
from verifier.core.text.extras import how_to_install
from verifier.files.folder import own_folder
from verifier.rego.children.child import Command, Ended, Limits
from verifier.rego.children.fed import FedChild
from verifier.secrets import rules, worker
from verifier.secrets.config_texts import ConfigTexts
from verifier.secrets.finding import MOST_NAMED, SecretFinding, SecretScan

MAX_MEMORY: Final = 768 * 1024 * 1024
MAX_CPU_S: Final = 900
"""Seconds for one image: its 8 GiB at most take a hundred."""
STILL_S: Final = 120.0
"""Seconds that the child may take to take the next piece, and to end."""
MAX_CACHE_BYTES: Final = 64 * 1024 * 1024
"""Of compiled rules; they have three million."""
_WINDOW: Final = 1024 * 1024
_BATCH: Final = 256 * 1024
_WORKER: Final = str(Path(worker.__file__))
IN_CONFIG: Final = "config"

_Place = tuple[str, str]


class Scanner:
    """One search. `cache` is a folder for compiled rules, which is ours alone: without it they are compiled each time,
    which takes seconds; raises `ConfigurationError` where it cannot be used. The child may use `memory_bytes`, and
    `cpu_s` seconds of CPU time."""

    def __init__(self, *, cache: Path | None = None, memory_bytes: int = MAX_MEMORY, cpu_s: int = MAX_CPU_S) -> None:
        self._limits = Limits(memory_bytes=memory_bytes, cpu_s=cpu_s, file_bytes=MAX_CACHE_BYTES if cache else 0)
        self._cache = b"" if cache is None else os.fsencode(own_folder(cache, parents=True))
        self._salt = os.urandom(32)
        self._turn = threading.Lock()
        self._numbers = count(1)
        self._places: dict[int, _Place] = {}
        self._found: dict[tuple[_Place, int, str], SecretFinding] = {}
        self._crowded = False
        self._config: ConfigTexts | None = None
        self._batch: list[bytes] = []
        self._batched = 0
        self._child: FedChild | None = None

    def of_layer(self, number: int) -> Visit:
        """Who looks at every file of layer number `number`, from 0."""

        def visit(entry: Entry) -> Sink:
            return _File(self, str(number), entry.path)

        return visit

    def scan_config(self, content: bytes) -> None:
        """Search the config of the image: `Env`, `Cmd`, labels, history, and every other text; raises `Refused`."""
        texts = ConfigTexts(content)
        self._config = texts
        for line, hit in texts.assigned():
            self.found(IN_CONFIG, "", line, hit)
        file = _File(self, IN_CONFIG, "")
        file.feed(texts.joined)
        file.end()

    def findings(self) -> SecretScan:
        """What was found, once everything was given."""
        with self._turn:
            self._flush()
        problems = tuple(self._heard(self._child.end())) if self._child else ()
        found = sorted(self._found.values(), key=lambda each: (each.where, each.path, each.line or 0, each.rule))
        if self._crowded:
            problems = (*problems, f"more than {worker.MAX_FINDINGS} secrets were found: the rest was not looked at")
        return SecretScan(findings=tuple(found[:MOST_NAMED]), more=len(found[MOST_NAMED:]), problems=problems)

    def close(self) -> None:
        """End the child, whatever it is at."""
        if self._child is not None:
            self._child.close()

    def found(self, where: str, path: str, line: int, hit: rules.Hit) -> None:
        """Keep what one of our own rules found."""
        fingerprint = hashlib.blake2b(hit.secret, key=self._salt, digest_size=8).hexdigest()
        self._keep(hit.rule, (where, path), line, fingerprint)

    def number(self, where: str, path: str) -> int:
        """A number for a file, by which the child calls it."""
        with self._turn:
            number = next(self._numbers)
            self._places[number] = (where, path)
            return number

    def give(self, number: int, piece: bytes, *, last: bool) -> None:
        """Give the child the next piece of a file; small ones are given together."""
        with self._turn:
            self._batch += (worker.PIECE.pack(number, len(piece), last), piece)
            self._batched += len(piece)
            if self._batched >= _BATCH:
                self._flush()

    def _flush(self) -> None:
        if not self._batch:
            return
        if self._child is None:
            self._child = _started(self._limits, self._salt, self._cache)
        self._child.give(b"".join(self._batch))
        self._batch.clear()
        self._batched = 0

    def _keep(self, rule: str, file: _Place, line: int, fingerprint: str) -> None:
        where, path = file
        at: int | None = line
        if where == IN_CONFIG and self._config is not None:
            path, at = self._config.place(line), None
        finding = SecretFinding(rule=rule, where=where, path=path, line=at, fingerprint=fingerprint)
        with self._turn:
            if len(self._found) < worker.MAX_FINDINGS:
                # The same secret by another rule is the same secret.
                self._found.setdefault((file, line, fingerprint), finding)
            else:
                self._crowded = True

    def _heard(self, ended: Ended) -> Iterator[str]:
        """Keep what the child found; why that may not be all."""
        lines = ended.output.decode("ascii", "replace").split("\n")
        for line in lines[:-1]:
            said, *rest = line.split("\t")
            if said == "found" and len(rest) == 4:
                self._keep(rest[3], self._places.get(int(rest[0]), ("", "")), int(rest[1]), rest[2])
            elif said == "late" and rest:
                where, path = self._places.get(int(rest[0]), ("", ""))
                yield f"{path[:200]!r} in {_said(where)} could not be searched in time"
        if ended.status == worker.NO_SCANNER:
            yield f"the scanner is not installed, without which most secrets are not found. {how_to_install('secrets')}"
        elif lines[-2:-1] != [worker.DONE] or ended.status != 0:
            yield f"the search for secrets did not come to its end: the scanner {ended.how}"


class _File:
    """Looks at one file: searches it a window at a time, and gives it to the child."""

    def __init__(self, scanner: Scanner, where: str, path: str) -> None:
        self._scanner, self._where, self._path = scanner, where, path
        self._number = scanner.number(where, path)
        self._held: list[bytes] = []
        self._size = 0
        self._searched = 0
        """Bytes of what is held that were searched before: where the windows overlap."""
        self._line = 1

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        self._held.append(bytes(piece))
        self._size += len(piece)
        if self._size >= _WINDOW:
            self._window(last=False)

    def done(self, entry: Entry) -> None:  # noqa: ARG002 - its digests are nothing to a search
        """The file is over."""
        self.end()

    def end(self) -> None:
        """Nothing more comes."""
        self._window(last=True)

    def _window(self, *, last: bool) -> None:
        text = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        for hit in rules.search(text, self._path):
            self._scanner.found(self._where, self._path, self._line + text.count(b"\n", 0, hit.start), hit)
        self._scanner.give(self._number, text[self._searched :], last=last)
        if not last:
            over = len(text) - rules.LONGEST
            self._line += text.count(b"\n", 0, over)
            self._held = [text[over:]]
            self._size = self._searched = rules.LONGEST


def _started(limits: Limits, salt: bytes, cache: bytes) -> FedChild:
    # Not -I: it hides what was installed with `pip install --user`, which this process may be running from.
    flags = ("-E", "-P", "-B", *(("-s",) if sys.flags.no_user_site else ()))
    child = FedChild(Command(arguments=(_WORKER,), limits=limits, flags=flags), still_s=STILL_S)
    child.give(worker.SETTINGS.pack(salt, len(cache)) + cache)
    return child


def _said(where: str) -> str:
    return "the config" if where == IN_CONFIG else f"layer {where}"
