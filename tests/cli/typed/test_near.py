"""Did you mean: for values of options, commands, options, names, wherever one is near."""

import pytest

from tests.support.command import run
from tests.support.publishing.releases import recorded, release
from verifier.cli.mistakes.near import with_what_is_near
from verifier.core.errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("place")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("bundel",), "bundle"),
        (("ledgr", "show"), "ledger"),
        (("trust", "chek"), "check"),
        (("audit", "db", "imprt"), "import"),
        (("bundle", "x", "--polcy", "p"), "--policy"),
        (("bundle", "x", "--format", "jsn"), "json"),
        (("preload", "a", "--verdict", "v", "--policy", "p", "--fallback", "ful"), "full"),
        (("key", "generate", "k", "--type", "ed2519"), "ed25519"),
        (("image", "x", "--layers", "inspct"), "inspect"),
        (("sbom", "diff", "trust.toml", "trust.toml", "--fail-on", "aded"), "Did you mean added?"),
        (("bundle", "x", "--key", "release.pub", "--algorithm", "RS26"), "Did you mean RS256?"),
        (("audit", "trust.toml", "--service", "pypy"), "Did you mean pypi?"),
        (("explain", "version.rolback"), "version.rollback"),
        (("completion", "bsh"), "bash"),
    ],
)
def test_what_is_near_is_named(words, meant):
    answer = run(*words)
    assert (answer.status, answer.out) == (2, "")
    assert meant in answer.err


def test_a_version_scheme_that_is_misspelt():
    bundle = release("1.0.0")
    more = ("--version-from", "manifest.revision", "--version-scheme", "semvr")
    assert "Did you mean semver?" in run("bundle", bundle, "--key", "release.pub", *more).err


def test_a_rule_and_a_scope_that_are_misspelt():
    bundle = release("1.0.0")
    recorded(bundle)
    assert "bundle:authz" in run("bundle", bundle, "--policy", "trust.toml", "--name", "autz").out
    answer = run("ledger", "show", "bundle:autz")
    assert "bundle:authz" in answer.err


def test_an_option_in_the_wrong_place_is_told_whose_it_is():
    assert "`verify bundle`" in run("--policy", "x").err + run("ledger", "show", "--policy", "x").err


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("must be one of alpha, beta, not 'zzzzzz'", where="--x"),
        ConfigurationError("must be one of alpha, beta, not 'alpha'", where="--x"),
        ConfigurationError("is not there: 'alpa'", where="--x"),
        ConfigurationError("must be one of alpha, beta, not 'alpa'", where="--x", hint="Did you mean alpha?"),
    ],
)
def test_where_nothing_is_near_nothing_is_added(error):
    assert with_what_is_near(error) is error


@pytest.mark.parametrize("typed", ["x" * 10_000, "'", "a'b'c", "\n", "one of 'one of'"])
def test_a_value_of_any_shape_is_no_trouble(typed):
    answer = run("bundle", release("1.0.0"), "--key", "release.pub", "--algorithm", typed)
    assert answer.status == 2
    assert "internal.error" not in answer.err
