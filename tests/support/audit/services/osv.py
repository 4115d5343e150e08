"""OSV's API on loopback, from records: `query`, `querybatch` with pages, `vulns/ID`.

What it lists of a version it finds by the naive reading of a record (listed, or in an ECOSYSTEM range by `packaging`):
whoever asks judges for himself, or believes it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.support.audit.services.site import Asked, Site
from tests.support.net.servers import server

CANARY = {
    "id": "PYSEC-2019-217",
    "modified": "2024-01-01T00:00:00Z",
    "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
    "details": "In Pallets Jinja before 2.10.1, str.format_map allows a sandbox escape.",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
            "versions": ["2.9", "2.10"],
        }
    ],
}
"""What every service is asked about beside everything else."""


def record(identifier, name, *, fixed="2.0", introduced="0", versions=(), modified="2024-02-01T00:00:00Z", **more):
    """A record as a service has it: every version from `introduced` to `fixed`."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    package = {"name": name, "ecosystem": "PyPI"}
    affected = [{"package": package, "ranges": ranges, "versions": list(versions)}]
    return {"id": identifier, "modified": modified, "details": f"About {name}.", "affected": affected, **more}


class OsvSite(Site):
    """OSV with these records; with `page`, that many ids are listed at once."""

    def __init__(self, records, page=None):
        super().__init__()
        self.records = {each["id"]: each for each in records}
        self.page = page or len(self.records) or 1
        self.lists_withdrawn = False
        self.by_name: dict[tuple[str, str], list] = {}
        for each in self.records.values():
            for entry in each.get("affected", ()):
                package = entry["package"]
                key = package["ecosystem"], canonicalize_name(package["name"])
                if each not in self.by_name.setdefault(key, []):
                    self.by_name[key].append(each)

    def honest(self, asked: Asked):
        status, value = self._answer(asked)
        return status, value, {}

    def _answer(self, asked: Asked):
        match asked.method, asked.path.removeprefix("/v1/"):
            case "POST", "query":
                found, token = self.listed(json.loads(asked.body))
                return 200, ({"vulns": found} if found else {}) | ({"next_page_token": token} if token else {})
            case "POST", "querybatch":
                return 200, {"results": [self._result(each) for each in json.loads(asked.body)["queries"]]}
            case "GET", path if path.removeprefix("vulns/") in self.records:
                return 200, self.records[path.removeprefix("vulns/")]
        return 404, {"code": 5, "message": "Bug not found."}

    def _result(self, query):
        found, token = self.listed(query)
        ids = [{"id": each["id"], "modified": each["modified"]} for each in found]
        return ({"vulns": ids} if ids else {}) | ({"next_page_token": token} if token else {})

    def listed(self, query):
        """One page of the records about a query, and the token of the next."""
        package, version = query["package"], query.get("version")
        about = self.by_name.get((package["ecosystem"], canonicalize_name(package["name"])), [])
        live = [each for each in about if self.lists_withdrawn or "withdrawn" not in each]
        found = [each for each in live if version is None or affects(each, package["name"], version)]
        start = int(query.get("page_token") or 0)
        more = start + self.page < len(found)
        return found[start : start + self.page], str(start + self.page) if more else ""


def affects(each, name, version) -> bool:
    """Whether a record affects a version of a package of PyPI, read naively."""
    for entry in each["affected"]:
        if canonicalize_name(entry["package"]["name"]) != canonicalize_name(name):
            continue
        if version in entry.get("versions", ()):
            return True
        ranges = [found for found in entry.get("ranges", ()) if found["type"] == "ECOSYSTEM"]
        if any(_within(found["events"], version) for found in ranges):
            return True
    return False


def _within(events, version) -> bool:
    try:
        ours = Version(version)
        placed = [(Version(value), kind) for event in events for kind, value in event.items()]
    except InvalidVersion:
        return False
    inside = False
    for at, kind in sorted(placed, key=lambda one: (one[0], one[1] == "introduced")):
        if kind == "introduced" and (str(at) == "0" or at <= ours):
            inside = True
        elif (kind == "fixed" and at <= ours) or (kind == "last_affected" and at < ours):
            inside = False
    return inside


@contextmanager
def osv(*records, page=None, canary=True):
    """OSV on loopback: the site, and its URL as `url`."""
    site = OsvSite([*([CANARY] if canary else []), *records], page)
    with server(site.say) as running:
        site.url = running.url
        yield site
