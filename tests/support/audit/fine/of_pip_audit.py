"""Where pip-audit 2.10.1 says that nothing is known."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial

from tests.support.audit.fine.case import Case, we
from tests.support.audit.peers import pip_audit
from tests.support.audit.services.faults import says
from tests.support.audit.services.osv import CANARY, osv, record
from tests.support.audit.services.pypi import Release, pypi_org
from tests.support.audit.services.site import Asked
from tests.support.audit.services.wheels import pypiserver_before

PEER = "pip-audit 2.10.1"
JINJA = "jinja2==2.10\n"
ACME = record("PYSEC-1-1", "acme", fixed="1.1", versions=["1.0"])
TORCH = record("PYSEC-1-2", "torch", fixed="1.13.1", versions=["1.13.0"])


@contextmanager
def environment(values):
    """What a child of ours is told of the network."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _file(folder, text=JINJA, name="requirements.txt"):
    (folder / name).write_text(text)
    return folder / name


def _preresolved(file, folder, *options, **more):
    return pip_audit("-r", file, "--disable-pip", "--no-deps", *options, cwd=folder, **more)


def _osv(site):
    return ("--vulnerability-service", "osv", "--osv-url", f"{site.url}/v1/query")


def _by_pypi(folder, site, text=JINJA):
    """Both, by PyPI."""
    file = _file(folder, text)
    with environment(site.environment):
        return _preresolved(file, folder, environment=site.environment), we(file, "--service", "pypi")


def _by_osv(folder, site, text=JINJA, *options):
    """Both, by a service of OSV."""
    file = _file(folder, text)
    theirs = _preresolved(file, folder, *_osv(site))
    return theirs, we(file, "--service", "osv", "--service-url", site.url, *options)


def no_such_page(folder):
    with pypiserver_before(folder) as site:
        return _by_pypi(folder, site)


def pypi_says(value, folder):
    with pypi_org(folder) as site:
        site.described = lambda *_: value
        return _by_pypi(folder, site)


def osv_says(value, folder):
    with osv() as site:
        every = {Asked("POST", "/v1/query", b'{"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.10"}')}
        site.faults = dict.fromkeys(every, says(value))
        honest = site.honest
        site.honest = lambda asked: (200, value, {}) if asked.path.endswith("querybatch") else honest(asked)
        return _by_osv(folder, site)


def private_name(folder):
    with osv() as site:
        return _by_osv(folder, site, "--index-url https://pypi.acme.example/simple\nacme-internal==1.0\n")


def dropped_include(folder):
    _file(folder, JINJA, "b.txt")
    with osv() as site:
        return _by_osv(folder, site, "-r b.txt\nsound==1.0\n")


def missing_include(folder):
    with osv() as site:
        return _by_osv(folder, site, "-r gone.txt\nsound==1.0\n")


def other_platform(folder):
    with osv() as site:
        return _by_osv(folder, site, "jinja2==2.10 ; sys_platform == 'win32'\nsound==1.0\n")


def not_from_an_index(folder):
    text = (
        "jinja2 @ git+https://git.acme.example/jinja2@v2.10\nflask @ https://acme.example/flask-0.12.zip\nsound==1.0\n"
    )
    with osv() as site:
        return _by_osv(folder, site, text)


def local_version(folder):
    releases = {"jinja2": [Release("2.10")], "torch": [Release("1.13.0"), Release("1.13.1")]}
    with pypi_org(folder, TORCH, releases=releases) as site:
        return _by_pypi(folder, site, "torch==1.13.0+cu117\n")


def nothing_asked(text, folder):
    with osv() as site:
        return _by_osv(folder, site, text)


def no_dependencies(folder):
    (folder / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0"\n')
    with osv() as site:
        theirs = pip_audit(".", *_osv(site), cwd=folder)
        return theirs, we(folder / "pyproject.toml", "--service", "osv", "--service-url", site.url)


def dry_run(folder):
    file = _file(folder)
    with osv() as site:
        theirs = _preresolved(file, folder, "--dry-run", *_osv(site))
        return theirs, we(file, "--service", "osv", "--service-url", site.url, "--dry-run")


def no_such_folder(folder):
    with osv() as site:
        theirs = pip_audit("--path", folder / "gone", *_osv(site), cwd=folder)
        return theirs, we("--environment", folder / "gone", "--service", "osv", "--service-url", site.url)


def odd_version(folder):
    place = folder / "site-packages"
    (place / "acme-2019_odd.dist-info").mkdir(parents=True)
    (place / "acme-2019_odd.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme\nVersion: 2019-odd\n"
    )
    with osv(ACME) as site:
        theirs = pip_audit("--path", place, *_osv(site), cwd=folder)
        return theirs, we("--environment", place, "--service", "osv", "--service-url", site.url)


def broken_record(change, folder):
    with osv() as site:
        site.records[CANARY["id"]] = {**CANARY}
        broken = {**record("PYSEC-1-1", "acme", fixed="1.1"), **change}
        broken = {name: value for name, value in broken.items() if value is not None}
        site.records["PYSEC-1-1"] = broken
        site.by_name[("PyPI", "acme")] = [record("PYSEC-1-1", "acme", fixed="1.1")]
        honest = site.listed
        site.listed = lambda query: ([broken if each["id"] == "PYSEC-1-1" else each for each in honest(query)[0]], "")
        return _by_osv(folder, site, "acme==1.0\n")


def second_page(folder):
    more = record("PYSEC-1-2", "acme", fixed="1.2", versions=["1.0"])
    with osv(ACME, more, page=1) as site:
        return _by_osv(folder, site, "acme==1.0\n")


def only_editable(folder):
    (folder / "lib").mkdir()
    (folder / "lib" / "pyproject.toml").write_text('[project]\nname = "jinja2"\nversion = "2.10"\n')
    with osv() as site:
        return _by_osv(folder, site, "-e ./lib\nsound==1.0\n")


CASES = (
    Case(PEER, "an index without PyPI's JSON pages (pypiserver 2.4.2): everything is skipped", no_such_page),
    Case(PEER, "PyPI answers `{}`", partial(pypi_says, {})),
    Case(PEER, 'PyPI answers `{"message": "quota"}`', partial(pypi_says, {"message": "quota"})),
    Case(PEER, 'PyPI answers `{"vulnerabilities": null}`', partial(pypi_says, {"vulnerabilities": None})),
    Case(PEER, "OSV answers `{}`", partial(osv_says, {})),
    Case(PEER, "OSV answers `[]`", partial(osv_says, [])),
    Case(PEER, "OSV answers `null`", partial(osv_says, None)),
    Case(PEER, "a name of a private index, by OSV", private_name),
    Case(PEER, "`-r b.txt` with a vulnerable pin, `--disable-pip --no-deps`", dropped_include),
    Case(PEER, "`-r gone.txt`, which is not there", missing_include),
    Case(PEER, "`; sys_platform == 'win32'` on a vulnerable pin, audited on Linux", other_platform),
    Case(PEER, "requirements of git and of a URL", not_from_an_index),
    Case(PEER, "an editable requirement", only_editable),
    Case(PEER, "`torch==1.13.0+cu117`, by PyPI", local_version),
    Case(PEER, "an empty file", partial(nothing_asked, "")),
    Case(PEER, "a file of comments", partial(nothing_asked, "# jinja2==2.10\n")),
    Case(PEER, "a pyproject.toml without dependencies", no_dependencies),
    Case(PEER, "`--dry-run`", dry_run),
    Case(PEER, "`--path` of a folder that is not there", no_such_folder),
    Case(PEER, "a distribution of a version that PEP 440 refuses", odd_version),
    Case(PEER, "a record of OSV's schema 2.0", partial(broken_record, {"schema_version": "2.0.0"})),
    Case(PEER, "a record without `affected`", partial(broken_record, {"affected": None})),
    Case(PEER, "a second page of two records (one of two findings)", second_page),
)
