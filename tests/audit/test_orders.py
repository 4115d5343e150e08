"""Orders of ecosystems: what they define, and that they refuse the rest."""

import itertools
import subprocess
import sys

import pytest

from verifier.audit.orders import SEMVER, UNKNOWN, order_of


@pytest.mark.parametrize(
    ("ecosystem", "ascending"),
    [
        ("pypi", ["0.dev0", "0", "1.0a1", "1.0rc1", "1.0", "1.0+cpu", "1.0.post1", "1.2", "1.10", "1!0"]),
        ("npm", ["0.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2.0", "1.10.0"]),
        ("golang", ["v0.0.0-20200101000000-abc", "1.0.0", "v1.2.0", "1.10.0"]),
        ("deb", ["1.0~rc1-1", "1.0-1", "1.0-1+deb12u1", "1.0-2", "1:0.1"]),
        ("apk", ["1.0_rc1", "1.0", "1.0-r1", "1.0_p1", "1.0a", "1.10"]),
        ("rpm", ["1.0~rc1-1", "1.0-1", "1.0-2", "1.1", "1:0.1"]),
    ],
)
def test_versions_ascend(ecosystem, ascending):
    keys = [order_of(ecosystem).key(each) for each in ascending]
    assert None not in keys
    assert keys == sorted(keys)
    assert all(one < other for one, other in itertools.pairwise(keys))


@pytest.mark.parametrize("ecosystem", ["pypi", "npm", "golang", "cargo", "deb", "apk", "rpm", "maven", ""])
@pytest.mark.parametrize("version", ["", " ", "1.0 0", "1.0\n", "\x00", "é", "1" * 257, "١"])
def test_what_an_order_does_not_define_has_no_key(ecosystem, version):
    assert order_of(ecosystem).key(version) is None


def test_an_ecosystem_without_an_order_refuses_every_version():
    assert order_of("maven") is UNKNOWN
    assert UNKNOWN.key("1.0") is None
    assert UNKNOWN.judged("1.0+x") == "1.0+x"


def test_only_python_has_local_versions():
    assert order_of("pypi").judged("2.0.0+cu118") == "2.0.0"
    assert SEMVER.judged("1.0.0+x") == "1.0.0+x"
    assert order_of("deb").judged("1.0-1+deb12u1") == "1.0-1+deb12u1"


def test_go_is_written_with_a_v_and_without():
    assert order_of("golang").key("v1.2.3") == order_of("golang").key("1.2.3")


def test_only_the_order_that_is_asked_for_is_loaded():
    script = (
        "import sys\nfrom verifier.audit.orders import order_of\norder_of('npm').key('1.0.0')\n"
        "print([each for each in sys.modules if each.split('.')[0] in ('packaging', 'univers')"
        " or each.endswith(('orders.dpkg', 'orders.rpm'))])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
