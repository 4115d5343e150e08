"""The table `[images]`: what it can say, and what it must not."""

from datetime import timedelta

import pytest

from verifier.core.errors import ConfigurationError
from verifier.gateway.settings.configuration import parse_settings

HEAD = 'version = 1\npolicy = "trust.toml"\nledger = "sqlite:ledger.db"\n'
NAMES = '[images.repositories]\n"registry.acme.example/acme/*" = "acme-*"\n"registry.acme.example/acme/app" = "app"\n'


@pytest.fixture
def parse(tmp_path):
    (tmp_path / "password").write_text("a-password-of-the-gateway\n")
    return lambda text: parse_settings((HEAD + text).encode(), where="gateway.toml", folder=tmp_path)


def test_images_alone_are_enough_and_have_careful_defaults(parse):
    found = parse(NAMES)
    assert found.bundles == ()
    assert (found.images.keep_tags, found.images.keep_digests) == (timedelta(seconds=10), timedelta(minutes=5))
    assert (found.images.wait, found.images.workers, found.images.record) == (timedelta(seconds=2), 4, True)
    assert found.images.repositories.name_of("registry.acme.example/acme/web") == "acme-web"
    assert found.images.registries == {}


def test_everything_can_be_said(parse):
    found = parse(
        '[images]\nkeep_tags = "0s"\nkeep_digests = "1h"\nwait = "5s"\nworkers = 8\nlayers = "hash"\nrecord = false\n'
        + NAMES
        + '[images.registries."registry.acme.example"]\nusername = "gateway"\npassword_file = "password"\n'
        'token_host = "auth.acme.example"\n'
    ).images
    assert (found.keep_tags, found.keep_digests) == (timedelta(0), timedelta(hours=1))
    assert (found.wait, found.workers, found.layers, found.record) == (timedelta(seconds=5), 8, "hash", False)
    access = found.registries["registry.acme.example"]
    assert (access.username, access.password, access.token_host) == (
        "gateway",
        "a-password-of-the-gateway",
        "auth.acme.example",
    )
    assert "a-password-of-the-gateway" not in repr(found)


def test_mirrors_are_reached_as_their_own_tables_say(parse):
    found = parse(
        NAMES
        + '[images.registries."registry.acme.example"]\nmirrors = ["mirror.acme.example/hub", "other.acme.example"]\n'
        "tags_from_mirrors = true\n"
        '[images.registries."mirror.acme.example"]\nusername = "gateway"\npassword_file = "password"\n'
    ).images.registries
    access = found["registry.acme.example"]
    assert [(each.host, each.prefix) for each in access.mirrors] == [
        ("mirror.acme.example", "hub/"),
        ("other.acme.example", ""),
    ]
    assert [each.access.username for each in access.mirrors] == ["gateway", None]
    assert (access.username, access.tags_from_mirrors) == (None, True)
    assert found["mirror.acme.example"].mirrors == ()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[images]\n", 4, "lacks the required key 'repositories'"),
        ("[images]\nrepositories = 1\n", 5, "must be a table"),
        ("[images]\nrepositories = {}\n", 5, "from 1 to 1000"),
        ('[images.repositories]\n"acme/*" = "app"\n', 5, "must be a repository with its registry"),
        ('[images.repositories]\n"registry.acme.example/a:1" = "app"\n', 5, "must be a repository with its registry"),
        ('[images.repositories]\n"registry.acme.example/a" = "*"\n', 5, "may hold one"),
        ('[images.repositories]\n"registry.acme.example/*" = "a@b"\n', 5, "cannot be an image's name"),
        ('[images.repositories]\n"registry.acme.example/*" = 1\n', 5, "must be a string"),
        (NAMES + "[images.registries.x.y]\n", 7, "must be a table|unknown key"),
        (NAMES + '[images.registries."a/b"]\n', 7, "must be the name of a registry"),
        (NAMES + '[images.registries."a.example"]\nusername = "u"\n', 8, "needs its counterpart"),
        (NAMES + '[images.registries."a.example"]\nmirrors = ["https://b.example"]\n', 8, "without a scheme"),
        (NAMES + '[images.registries."a.example"]\ntags_from_mirrors = true\n', 8, "needs mirrors"),
        (NAMES + '[images.registries."a.example"]\nupstream = "u"\n', 8, "unknown key"),
        (NAMES + '[images.registries."a.example"]\npassword_file = "gone"\nusername = "u"\n', 8, "gone"),
        ("[images]\nwait = '0s'\n" + NAMES, 5, "from 1s to 30s"),
        ("[images]\nkeep_tags = '6m'\n" + NAMES, 5, "from 0s to 300s"),
        ("[images]\nkeep_digests = '25h'\n" + NAMES, 5, "from 0s to 86400s"),
        ("[images]\nworkers = 0\n" + NAMES, 5, "from 1 to 64"),
        ("[images]\nlayers = 'all'\n" + NAMES, 5, "must be one of manifest, hash, inspect"),
        ("[images]\nrecord = 1\n" + NAMES, 5, "must be true or false"),
        ("[images]\npath = '/validate'\n" + NAMES, 5, "unknown key"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_what_is_wrong_is_said_at_its_line(parse, text, line, message):
    with pytest.raises(ConfigurationError, match=message) as raised:
        parse(text)
    assert raised.value.where == f"gateway.toml:{line}"


def test_neither_bundles_nor_images_is_nothing_to_serve(parse):
    with pytest.raises(ConfigurationError, match="from 1 to 100 bundles"):
        parse("")
