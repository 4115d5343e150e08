"""Which image a key means, and what it is called."""

import pytest

from verifier.core.errors import Refused
from verifier.gateway.images.reference import Repositories, check_image_name, check_repository_pattern, read_key

HEX = "a" * 64
NAMES = Repositories(
    names=(
        ("registry.acme.example/acme/*", "acme-*"),
        ("registry.acme.example/acme/team/*", "team"),
        ("registry.acme.example/acme/app", "app"),
        ("registry.acme.example:5000/*", "*"),
        ("localhost/app", "local"),
    )
)


@pytest.mark.parametrize(
    ("key", "reference", "name"),
    [
        ("registry.acme.example/acme/app:1.4.0", "registry.acme.example/acme/app:1.4.0", "app"),
        ("registry.acme.example/acme/app", "registry.acme.example/acme/app:latest", "app"),
        (f"registry.acme.example/acme/app@sha256:{HEX}", f"registry.acme.example/acme/app@sha256:{HEX}", "app"),
        (
            f"registry.acme.example/acme/app:1@sha256:{HEX}",
            f"registry.acme.example/acme/app:1@sha256:{HEX}",
            "app",
        ),
        ("registry.acme.example/acme/web:1", "registry.acme.example/acme/web:1", "acme-web"),
        ("registry.acme.example/acme/app/sub:1", "registry.acme.example/acme/app/sub:1", "acme-app/sub"),
        ("registry.acme.example/acme/team/a/b:1", "registry.acme.example/acme/team/a/b:1", "team"),
        ("registry.acme.example:5000/a:1", "registry.acme.example:5000/a:1", "a"),
        ("registry.acme.example:5000/a", "registry.acme.example:5000/a:latest", "a"),
        ("localhost/app:1", "localhost/app:1", "local"),
    ],
)
def test_a_whole_reference_has_the_name_of_the_most_specific_pattern(key, reference, name):
    admitted = read_key(key, NAMES)
    assert (admitted.reference, admitted.name) == (reference, name)


@pytest.mark.parametrize("key", ["nginx", "nginx:1.29", "acme/app:1", "library/nginx", "", "app@sha256:" + HEX])
def test_what_names_no_registry_is_each_nodes_to_decide(key):
    assert codes(key) == ["image.ambiguous-reference"]


@pytest.mark.parametrize(
    "key",
    [
        "registry.acme.example/acme/other/../app:1",
        "registry.acme.example/acme/APP:1",
        "registry.acme.example/acme/app:1:2",
        "registry.acme.example/acme/app:",
        "registry.acme.example/acme/app@",
        "registry.acme.example/acme/app@sha256:" + HEX[:-1],
        "registry.acme.example/acme/app@sha256:" + HEX.upper(),
        "registry.acme.example/acme/app@md5:" + HEX[:32],
        f"registry.acme.example/acme/app@sha256:{HEX}@sha256:{HEX}",
        "https://registry.acme.example/acme/app:1",
        "user@registry.acme.example/acme/app:1",
        "registry.acme.example//app:1",
        "registry.acme.example/acme/app:1\n",
        "registry.acme.example/acme/app :1",
        "registry.acme.example/acme/аpp:1",  # a Cyrillic letter
        "registry.acme.example/" + "a/" * 600 + "b:1",
        "registry.acme.example/acme/app:" + "1" * 129,
    ],
    ids=lambda key: key[:60],
)
def test_what_is_no_reference_is_malformed(key):
    assert codes(key) in (["request.malformed"], ["image.ambiguous-reference"])


@pytest.mark.parametrize(
    "key",
    [
        "registry.acme.example/other/app:1",
        "registry.acme.example/acme:1",
        "registry.acme.example/acmeapp:1",
        "registry.acme.example.evil.example/acme/app:1",
        "Registry.acme.example/acme/app:1",
        "registry.acme.example:443/acme/app:1",
        "localhost:5000/app:1",
    ],
)
def test_a_repository_that_no_pattern_is_for_is_refused(key):
    assert codes(key) == ["trust.no-policy"]


def codes(key):
    with pytest.raises(Refused) as refused:
        read_key(key, NAMES)
    return [reason.code for reason in refused.value.reasons]


@pytest.mark.parametrize("pattern", ["registry.acme.example/acme/app", "registry.acme.example/*", "localhost:5000/a/*"])
def test_a_pattern_is_a_repository_or_what_lies_below_one(pattern):
    assert check_repository_pattern(pattern) == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "/*",
        "acme/*",
        "acme/app",
        "registry.acme.example",
        "registry.acme.example/acme*",
        "registry.acme.example/*/app",
        "registry.acme.example/acme/**",
        "registry.acme.example/acme/app:1",
        f"registry.acme.example/acme/app@sha256:{HEX}",
        "https://registry.acme.example/acme/*",
        "oci://registry.acme.example/acme",
        "registry.acme.example/Acme/*",
        "",
    ],
)
def test_a_pattern_is_nothing_else(pattern):
    with pytest.raises(ValueError, match="must"):
        check_repository_pattern(pattern)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("*", "r.example/a"), ("a*b*", "r.example/*"), ("app@stable", "r.example/*"), (" app", "r.example/app")],
)
def test_a_name_is_one_that_a_policy_can_have_a_rule_for(name, pattern):
    with pytest.raises(ValueError, match=r"cannot be|may hold"):
        check_image_name(name, pattern=pattern)
