"""Which URIs name one repository."""

import pytest

from tests.support.attestations.provenances import REPO
from verifier.formats.intoto.source_uri import is_git, same_repository, split_ref


@pytest.mark.parametrize(
    "other", [f"git+{REPO}", f"{REPO}.git", f"{REPO}/", "https://GitHub.com/acme/app", f"git+{REPO}.git/"]
)
def test_spellings_of_one_repository_are_one(other):
    assert same_repository(REPO, other)


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/Acme/app",
        "https://github.com/acme/app2",
        "https://github.com.evil.example/acme/app",
        "https://evil@github.com/acme/app",
        "https://github.com:444/acme/app",
        "http://github.com/acme/app",
        "https://github.com/acme/x/../app",
        "https://github.com/acme/app?x",
        "https://githu\u212a.com/acme/app",
        "acme/app",
        "",
    ],
)
def test_anything_else_is_another_repository(other):
    assert not same_repository(REPO, other)


def test_beyond_ascii_no_case_is_folded():
    assert not same_repository("https://k.example/a", "https://\u212a.example/a")


@pytest.mark.parametrize(
    ("uri", "repository", "ref"),
    [
        (f"git+{REPO}@refs/tags/v1", f"git+{REPO}", "refs/tags/v1"),
        (f"git+{REPO}@refs/tags/@acme/app@1", f"git+{REPO}", "refs/tags/@acme/app@1"),
        (REPO, REPO, None),
        (f"{REPO}@", f"{REPO}@", None),
        ("https://user@github.com/acme/app", "https://user@github.com/acme/app", None),
        ("pkg:npm/x@1", "pkg:npm/x@1", None),
        (f"{REPO}.git#refs/heads/main", f"{REPO}.git", "refs/heads/main"),
        (f"{REPO}.git#main:sub/folder", f"{REPO}.git", "main"),
        (f"{REPO}.git#", f"{REPO}.git#", None),
        (f"{REPO}.git#:sub", f"{REPO}.git#:sub", None),
        (f"{REPO}#main", f"{REPO}#main", None),
        (f"{REPO}.git#main@v2", f"{REPO}.git#main", "v2"),
    ],
)
def test_a_ref_follows_the_first_at_of_the_path_or_the_fragment_of_a_git_context(uri, repository, ref):
    assert split_ref(uri) == (repository, ref)


def test_only_what_says_git_is_a_repository():
    assert is_git("https://github.com/acme/app.git@v1")
    assert not is_git("https://github.com/acme/app")
