"""What a user says of registries, and what is refused of it, with its line."""

import pytest

from verifier.core.errors import ConfigurationError
from verifier.net.access import Access
from verifier.net.registry.settings import Registries, read_registries

BASE = Access(username="user", password="pass")


@pytest.fixture
def read(tmp_path):
    def settings(text, head="version = 1\n"):
        (tmp_path / "registries.toml").write_text(head + text)
        return read_registries(tmp_path / "registries.toml")

    return settings


def error(read, text, **options):
    with pytest.raises(ConfigurationError) as refused:
        read(text, **options)
    return refused.value


def test_a_registry_of_which_nothing_is_said_is_reached_as_ever(read):
    assert read("").access("registry.acme.example", BASE) == BASE == Registries().access("registry.acme.example", BASE)


def test_mirrors_are_reached_as_is_said_of_themselves(read, tmp_path):
    (tmp_path / "ca.pem").write_text("x")
    settings = read(
        """
        [registries."docker.io"]
        mirrors = ["mirror.acme.example/hub", "other.acme.example:5000"]
        tags_from_mirrors = true
        [registries."mirror.acme.example"]
        ca_file = "ca.pem"
        [registries."other.acme.example:5000"]
        insecure = true
        """
    )
    access = settings.access("docker.io", BASE)
    assert [(each.host, each.prefix) for each in access.mirrors] == [
        ("mirror.acme.example", "hub/"),
        ("other.acme.example:5000", ""),
    ]
    assert [each.access.ca_file for each in access.mirrors] == [tmp_path / "ca.pem", None]
    assert [each.access.plain_http for each in access.mirrors] == [False, True]
    assert (access.tags_from_mirrors, access.plain_http) == (True, False)


def test_dockers_own_registry_takes_its_password_at_its_token_service():
    access = Registries().access("docker.io", BASE)
    assert (access.token_host, access.token_service) == ("auth.docker.io", "registry.docker.io")


def test_insecure_is_for_the_host_and_port_that_is_named(read):
    settings = read('[registries."registry.acme.example:5000"]\ninsecure = true\n')
    named = {
        each: settings.access(each, Access()).plain_http for each in ("registry.acme.example", "acme.example:5000")
    }
    assert (settings.access("registry.acme.example:5000", Access()).plain_http, set(named.values())) == (True, {False})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[registries."*"]\ninsecure = true', "HOST"),
        ('[registries."https://a.example"]\n', "HOST"),
        ('[registries."a.example/b"]\n', "HOST"),
        ('[registries."user@a.example"]\n', "HOST"),
        ('[registries.""]\n', ""),
        ('[registries."a.example"]\nmirrors = ["https://b.example"]', "HOST[:PORT]"),
        ('[registries."a.example"]\nmirrors = ["b.example/c:1"]', "HOST[:PORT]"),
        ('[registries."a.example"]\nmirrors = ["b.example/C"]', "HOST[:PORT]"),
        ('[registries."a.example"]\nmirrors = ["b.example/"]', "HOST[:PORT]"),
        ('[registries."a.example"]\nmirrors = "b.example"', "array"),
        ('[registries."a.example"]\ntags_from_mirrors = true', "needs mirrors"),
        ('[registries."a.example"]\ninsecure = "true"', "true or false"),
        ('[registries."a.example"]\nskip_verify = true', "skip_verify"),
        ('[registries."a.example"]\npassword = "x"', "password"),
        ('[registries."a.example"]\nca_file = "gone.pem"', "gone.pem"),
        ('[registries."a.example"]\nclient_key = "x"', "counterpart"),
        ('[registries."a.example"]\ntoken_host = "https://a"', "HOST"),
        ("[mirrors]\n", "mirrors"),
        ("insecure = true\n", "insecure"),
        ("registries = 5\n", "registries"),
    ],
)
def test_what_cannot_be_meant_is_an_error_at_its_line(read, text, said):
    found = error(read, text)
    assert said in str(found)
    assert "registries.toml:" in found.where


@pytest.mark.parametrize("head", ["", "version = 2\n", "version = 1.0\n"])
def test_another_format_is_not_guessed_at(read, head):
    error(read, "", head=head)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.toml"):
        read_registries(tmp_path / "gone.toml")
