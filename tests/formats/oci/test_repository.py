"""One spelling for each repository, and none is guessed."""

import pytest

from verifier.formats.oci.repository import names_registry, repository_of, spelled


@pytest.mark.parametrize(
    ("reference", "repository"),
    [
        ("registry.acme.example/acme/app", "registry.acme.example/acme/app"),
        ("registry.acme.example/acme/app:1.4.0", "registry.acme.example/acme/app"),
        (f"registry.acme.example/acme/app:1@sha256:{'ab' * 32}", "registry.acme.example/acme/app"),
        ("Registry.Acme.Example/acme/app", "registry.acme.example/acme/app"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000/app"),
        ("[::1]:5000/app", "[::1]:5000/app"),
        ("localhost/app", "localhost/app"),
        ("docker.io/app", "docker.io/library/app"),
        ("index.docker.io/library/app", "docker.io/library/app"),
        ("registry-1.docker.io/acme/app", "docker.io/acme/app"),
        ("app:1", "docker.io/library/app"),
        ("acme/app", "docker.io/acme/app"),
    ],
)
def test_a_reference_has_one_repository(reference, repository):
    assert repository_of(reference) == repository
    assert spelled(repository) == repository


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "/",
        "registry.acme.example/",
        "registry.acme.example/Acme/app",
        "registry.acme.example/acme/../app",
        "registry.acme.example/acme/app:",
        "registry.acme.example/acme/app@sha256:ab",
        "oci://registry.acme.example/acme/app",
        "registry.acme.example/acme/app\n",
        "registry.acme.example/acme/\u0430pp",
        "a" * 600,
    ],
)
def test_what_names_no_repository_is_refused(reference):
    with pytest.raises(ValueError, match=r"repository|digest|sha256"):
        repository_of(reference)


def test_a_registry_without_a_dot_is_never_taken_for_docker_hub_s():
    assert spelled("registry/app") == "registry/app"
    assert repository_of("registry/app") == "docker.io/registry/app"


def test_what_leaves_the_registry_to_be_filled_in_is_told():
    assert [names_registry(each) for each in ("acme/app", "app", "localhost/app", "r.example/app")] == [
        False,
        False,
        True,
        True,
    ]
