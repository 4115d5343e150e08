"""Hygiene by the command: what warns, what denies where it is asked for, and with which status."""

import pytest

from tests.support.audit.scene import audited, database, requirements
from tests.support.command import run

SHA256, SHA1, MD5 = "sha256:" + "a" * 64, "sha1:" + "b" * 40, "md5:" + "c" * 32
PINNED = f"jinja2==3.1.4 --hash={SHA256}"
UV = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "jinja2"
version = "3.1.4"
source = {{ registry = "{index}" }}
wheels = [
    {{ url = "{url}", hash = "{hash}", size = 1, upload-time = "{time}" }},
]
"""
PUBLIC, FILE = "https://pypi.org/simple", "https://files.pythonhosted.org/packages/jinja2-3.1.4-py3-none-any.whl"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database()
    return tmp_path


def lock(place, *, index=PUBLIC, url=FILE, digest=SHA256, time="2024-05-05T23:42:02Z"):
    (place / "uv.lock").write_text(UV.format(index=index, url=url, hash=digest, time=time))
    return "uv.lock"


def said(answer):
    """Status, and what is said of hygiene."""
    return answer.status, [
        (each["severity"], each["code"]) for each in answer.report["reasons"] if each["code"].startswith("dependency.")
    ]


def test_a_lock_that_pins_everything_passes_every_rule(place):
    options = ("--require-hashes", "--allowed-index", PUBLIC, "--cool-down", "30d", "--private", "acme-*")
    assert said(audited(lock(place), options=options)) == (0, [("warning", "dependency.private-unmatched")])


def test_what_nobody_asked_for_warns_and_passes():
    assert said(audited(requirements("jinja2==3.1.4"))) == (0, [("warning", "dependency.hash-missing")])


def test_a_missing_digest_denies_where_digests_are_required():
    answer = audited(requirements("jinja2==3.1.4"), options=("--require-hashes",))
    assert said(answer) == (1, [("error", "dependency.hash-missing")])


def test_what_is_unpinned_is_unknown_and_denied_where_digests_are_required():
    assert said(audited(requirements("jinja2>=3"))) == (
        3,
        [("warning", "dependency.unpinned"), ("warning", "dependency.hash-missing")],
    )
    assert audited(requirements("jinja2>=3"), options=("--require-hashes",)).status == 1


@pytest.mark.parametrize("weak", [SHA1, MD5])
def test_a_weak_digest_denies(place, weak):
    assert said(audited(lock(place, digest=weak))) == (1, [("error", "dependency.hash-weak")])


def test_an_index_that_is_not_allowed_denies():
    target = requirements("--index-url https://pypi.acme.example/simple", PINNED)
    assert said(audited(target, options=("--allowed-index", PUBLIC))) == (
        1,
        [("error", "dependency.index-not-allowed")],
    )


def test_a_further_index_denies_where_only_one_is_allowed():
    target = requirements("--extra-index-url https://pypi.acme.example/simple", PINNED)
    status, found = said(audited(target, options=("--allowed-index", PUBLIC)))
    assert (status, ("error", "dependency.index-not-allowed") in found) == (1, True)


def test_a_poisoned_lock_is_unknown_and_denied(place):
    """The index is PyPI, the file is not: no tool that looks at name and version sees it."""
    target = lock(place, url="https://files.pythonhosted.org.evil.example/jinja2-3.1.4-py3-none-any.whl")
    status, found = said(audited(target))
    assert (status, found) == (3, [("warning", "dependency.confusion")])
    status, found = said(audited(target, options=("--allowed-index", PUBLIC)))
    assert (status, ("error", "dependency.index-not-allowed") in found) == (1, True)


@pytest.mark.parametrize("pattern", ["acme-*", "Acme_*", "acme-auth"])
def test_a_private_name_of_the_public_index_denies(pattern):
    answer = audited(requirements(f"acme.auth==1.0 --hash={SHA256}"), options=("--private", pattern))
    assert said(answer) == (1, [("error", "dependency.confusion")])


@pytest.mark.parametrize(("time", "status"), [("2024-10-01T00:00:00Z", 0), ("2024-10-11T00:00:00Z", 1)])
def test_a_release_has_to_be_older_than_the_cool_down(place, time, status):
    answer = audited(lock(place, time=time), options=("--cool-down", "7"))
    assert said(answer) == (status, [("error", "dependency.too-new")] if status else [])


def test_a_file_without_times_is_not_old_enough():
    answer = audited(requirements(PINNED), options=("--cool-down", "1d"))
    assert said(answer) == (1, [("error", "dependency.too-new")])
    [reason] = [each for each in answer.report["reasons"] if each["code"] == "dependency.too-new"]
    assert "does not say when it was uploaded" in reason["message"]


@pytest.mark.parametrize(
    "options",
    [
        ("--cool-down", "soon"),
        ("--cool-down", "0"),
        ("--allowed-index", "pypi"),
        ("--allowed-index", "https://me:secret@pypi.acme.example/simple"),
        ("--private", "*"),
        ("--private", ""),
    ],
)
def test_what_is_no_rule_is_wrong_usage(options):
    answer = run("audit", requirements(PINNED), "--db", "records.db", "--now", "2024-10-12T00:00:00Z", *options)
    assert (answer.status, answer.out) == (2, "")
    assert options[0] in answer.err
    assert "secret" not in answer.err


@pytest.mark.parametrize("style", ["text", "markdown", "sarif", "github", "junit"])
def test_every_report_says_what_is_loose(style):
    answer = run(
        *("audit", requirements("jinja2==3.1.4"), "--db", "records.db", "--now", "2024-10-12T00:00:00Z"),
        *("--require-hashes", "--format", style),
    )
    assert answer.status == 1
    assert "dependency.hash-missing" in answer.out
