"""PyPI on loopback: its JSON API with vulnerabilities, its simple API in JSON (PEP 691), and the way to it.

pip-audit asks https://pypi.org and nobody else: `pypi_org` is a proxy and an authority that lead there, and nowhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

from tests.support.audit.services.osv import CANARY, affects
from tests.support.audit.services.site import Asked, Site
from tests.support.net.proxies import proxy
from tests.support.net.servers import Authority, server

SIMPLE = "application/vnd.pypi.simple.v1+json"


class Release(NamedTuple):
    """A version as an index has it: `yanked` is false or the reason."""

    version: str
    uploaded: str | None = "2020-01-01T00:00:00Z"
    yanked: bool | str = False
    sha256: str = "0" * 64


class PypiSite(Site):
    """PyPI with these records; `releases` are its names and their versions, None for everything that is asked about.

    `status` is what is said of a project, by name (PEP 792).
    """

    def __init__(self, records, releases=None, status=None):
        super().__init__()
        self.records, self.releases, self.status = list(records), releases, status or {}

    def honest(self, asked: Asked):
        match asked.path.strip("/").split("/"):
            case ["pypi", name, version, "json"] if self.has(name, version):
                return 200, self.described(name, version), {}
            case ["simple", name] if self.releases is None or name in self.releases:
                return 200, self.page(name), {"Content_Type": SIMPLE}
        return 404, {"message": "Not Found"}, {}

    def has(self, name, version):
        return self.releases is None or version in {each.version for each in self.releases.get(name, ())}

    def described(self, name, version):
        """PyPI's answer about a version."""
        found = [each for each in self.records if _is_about(each, name) and affects(each, name, version)]
        return {
            "info": {"name": name, "version": version, "yanked": False, "yanked_reason": None},
            "last_serial": 1,
            "urls": [],
            "vulnerabilities": [_vulnerability(each) for each in found],
        }

    def page(self, name):
        """A page of PEP 691."""
        releases = (self.releases or {}).get(name, ())
        return {
            "meta": {"api-version": "1.4"},
            "name": name,
            "versions": [each.version for each in releases],
            "files": [_file(name, each) for each in releases],
            **({"project-status": self.status[name]} if name in self.status else {}),
        }


def _is_about(record, name):
    return any(canonicalize_name(entry["package"]["name"]) == name for entry in record.get("affected", ()))


def _vulnerability(record):
    ranges = [found for entry in record["affected"] for found in entry.get("ranges", ())]
    events = [event for found in ranges if found["type"] == "ECOSYSTEM" for event in found["events"]]
    return {
        "id": record["id"],
        "aliases": record.get("aliases", []),
        "details": record.get("details", ""),
        "summary": None,
        "fixed_in": [event["fixed"] for event in events if "fixed" in event],
        "link": f"https://osv.dev/vulnerability/{record['id']}",
        "source": "osv",
        "withdrawn": record.get("withdrawn"),
    }


def _file(name, release):
    uploaded = {} if release.uploaded is None else {"upload-time": release.uploaded}
    return {
        "filename": f"{name.replace('-', '_')}-{release.version}-py3-none-any.whl",
        "url": f"https://files.acme.example/{name}-{release.version}.whl",
        "hashes": {"sha256": release.sha256},
        "yanked": release.yanked,
        "size": 1,
        **uploaded,
    }


@contextmanager
def pypi(*records, releases=None, status=None):
    """PyPI on loopback without TLS: its simple API is at `url`/simple."""
    site = PypiSite([CANARY, *records], releases, status)
    with server(site.say) as running:
        site.url = running.url
        yield site


@contextmanager
def pypi_org(folder: Path, *records, releases=None):
    """PyPI as https://pypi.org: `environment` is how whoever asks gets there."""
    authority = Authority(folder)
    site = PypiSite([CANARY, *records], releases)
    with server(site.say, authority.server_context("pypi.org")) as running, proxy(running.port) as way:
        site.environment = {"HTTPS_PROXY": way.url, "REQUESTS_CA_BUNDLE": str(authority.file)}
        yield site
