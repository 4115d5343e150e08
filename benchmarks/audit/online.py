"""500 pins, audited by a whole process: ours, offline, against pip-audit by a service and osv-scanner offline.

And ours by the same service. All of them know the corpus of PyPA's advisories. The service is 20 ms away, which is near
for one on the internet. CPU seconds are of the process and its children, beside the wall; the service's own are not
counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.utils import canonicalize_name

from benchmarks.harness import Row, child_environment, peer, python

CORPUS = Path(os.environ.get("VERIFIER_CORPUS", "../shared/corpus")) / "pypa-advisories" / "vulns"
PINS = 500
AWAY_S = 0.02
"""Seconds that each request is on its way, there and back."""
_ROUNDS = 3
_NOW = "2024-10-12T00:00:00Z"


class Taken(NamedTuple):
    """Seconds of CPU and of the wall."""

    cpu: float
    wall: float


def rows(room: Path) -> Iterator[Row]:
    """The rows of the page."""
    title = f"audit {PINS} pins, whole process"
    peers = {"pip-audit": peer("pip-audit-2.10"), "osv-scanner": peer("osv-scanner")}
    if not CORPUS.is_dir():
        yield Row(title=title, against="pip-audit", note="no corpus of advisories")
        return
    records = [yaml.load(each.read_text(), yaml.CBaseLoader) for each in sorted(CORPUS.rglob("*.yaml"))]  # noqa: S506
    file = room / "requirements.txt"
    file.write_text("".join(f"{name}=={version}\n" for name, version in _pins(records)))
    _archive(room, records)
    database = room / "records.db"
    imported = [
        "-m",
        "verifier",
        "audit",
        "db",
        "import",
        str(room / "osv-scanner/PyPI/all.zip"),
        "--db",
        str(database),
    ]
    subprocess.run(python(*imported, "--now", _NOW), check=True, capture_output=True)
    ours = python("-m", "verifier", "audit", str(file), "--db", str(database), "--now", _NOW)
    with _service(records) as url:
        theirs = {
            "pip-audit": [
                *(str(peers["pip-audit"]), "-r", str(file), "--disable-pip", "--no-deps", "--progress-spinner", "off"),
                *("-s", "osv", "--osv-url", f"{url}/v1/query", "--cache-dir", str(room / "cache")),
            ],
            "osv-scanner": [str(peers["osv-scanner"]), "scan", "source", "--offline", "-L", f"requirements.txt:{file}"],
        }
        for name, cpu, wall in (("pip-audit", 0.35, 0.1), ("osv-scanner", 0.5, None)):
            if peers[name] is None:
                yield Row(title=title, against=name, note="not installed")
                continue
            us, them = _compared(ours, theirs[name], room)
            yield Row(title=f"{title}, CPU", against=name, ours=us.cpu, theirs=them.cpu, target=cpu)
            yield Row(title=f"{title}, wall", against=name, ours=us.wall, theirs=them.wall, target=wall)
        if peers["pip-audit"] is not None:
            online = python(
                "-m", "verifier", "audit", str(file), "--service", "osv", "--service-url", url, "--now", _NOW
            )
            us, them = _compared(online, theirs["pip-audit"], room)
            both = f"{title}, by the same service"
            yield Row(title=f"{both}, CPU", against="pip-audit", ours=us.cpu, theirs=them.cpu, target=1.0)
            yield Row(title=f"{both}, wall", against="pip-audit", ours=us.wall, theirs=them.wall, target=0.5)


def _pins(records: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """A listed version of each of as many names as are wanted."""
    found: dict[str, str] = {}
    for record in records:
        for entry in record.get("affected", ()):
            versions = [each for each in entry.get("versions", ()) if each.replace(".", "").isdigit()]
            if versions:
                found.setdefault(str(canonicalize_name(entry["package"]["name"])), versions[len(versions) // 2])
    return sorted(found.items())[:PINS]


def _archive(room: Path, records: Sequence[dict[str, Any]]) -> None:
    place = room / "osv-scanner" / "PyPI"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "all.zip", "w") as archive:
        for each in records:
            archive.writestr(f"{each['id']}.json", json.dumps(each))


def _compared(ours: Sequence[str], theirs: Sequence[str], room: Path) -> tuple[Taken, Taken]:
    """Both in turns, each the median of its rounds behind one that warms it up."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for _ in range(_ROUNDS + 1):
        for command, times in zip((ours, theirs), taken, strict=True):
            times.append(_timed(command, room))
    medians = [
        Taken(statistics.median(each.cpu for each in times[1:]), statistics.median(each.wall for each in times[1:]))
        for times in taken
    ]
    return medians[0], medians[1]


def _timed(command: Sequence[str], room: Path) -> Taken:
    environment = {**child_environment(os.environ, room), "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(room)}
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - begun, os.times()
    if done.returncode != 1:  # each of them has found something
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return Taken(after.children_user + after.children_system - before.children_user - before.children_system, wall)


@contextmanager
def _service(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    """OSV's API: of a version it lists what lists it, of a name everything."""
    by_id = {each["id"]: json.dumps(each).encode() for each in records}
    listed: dict[tuple[str, str | None], dict[str, dict[str, Any]]] = {}
    for record in records:
        for entry in record.get("affected", ()) if "withdrawn" not in record else ():
            for version in (*entry.get("versions", ()), None):
                key = (str(canonicalize_name(entry["package"]["name"])), version)
                listed.setdefault(key, {})[record["id"]] = record

    def found(query: dict[str, Any]) -> list[dict[str, Any]]:
        return list(listed.get((query["package"]["name"], query.get("version")), {}).values())

    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(by_id[self.path.rpartition("/")[2]])

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if "queries" in asked:
                ids = [[{"id": each["id"]} for each in found(query)] for query in asked["queries"]]
                self._answer(json.dumps({"results": [{"vulns": each} if each else {} for each in ids]}).encode())
            else:
                vulns = found(asked)
                self._answer(json.dumps({"vulns": vulns} if vulns else {}).encode())

        def _answer(self, body: bytes) -> None:
            time.sleep(AWAY_S)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
