"""How versions order, each ecosystem by its own rules: rows are from the tools' own documentation and tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.sbom.difference.orders.table import ORDERS, direction, order_of
from verifier.versions.schemes import MAX_VERSION_BYTES

ASCENDING = {
    "apk": [
        "0.1.0_alpha_pre2 0.1.0_alpha 0.1.0_alpha2 0.1.3_alpha 2.2.39-r1",
        "1.0_p9-r0 1.0_p10-r0",
        "1.3-r0 1.3.1-r0",
        "1.3_pre1-r1 1.3_rc1 1.3 1.3-r1 1.3~ab12 1.3_p1 1.3b 1.3.2",
        "1.0.0_pre20191002222144-r0 1.0.0_pre20210530193627-r0",
        "1.06-r6 006",
        "1.00_beta2 1.00 1.02 1.1 1.2 1.10",
        "1.0 1.0_cvs 1.0_svn 1.0_git 1.0_hg 1.0_p",
    ],
    "deb": [
        "1.0~~ 1.0~~a 1.0~ 1.0 1.0a 1.0+ 1.0.",
        "1.0~rc1-1 1.0-1 1.0-1+b2 1.0-1.1 1.0-2 1:0.5",
        "1.2.3-1 1.2.10-1",
        "1.0-~1 1.0 1.0-a",
        "2.9 2.10 10",
    ],
    "rpm": [
        "1.0~rc1-1 1.0-1 1.0^git1-1 1.0.1-1 1:0.9-3.el9",
        "1.0~beta~2-1 1.0~beta-1 1.0~rc-1 1.0-1",
        "1.0a-1 1.0.1-1",
        "1-1 1-2 1-10",
        "1.0 1.0-1",
        "2.el8-1 2.10-1",
    ],
    "pypi": ["1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1 1.1 1!0.1", "2.9 2.10"],
    "npm": ["1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.2.0 1.10.0"],
    "golang": ["v0.0.0-20200101000000-abcdefabcdef 0.0.1 v1.2.3 1.10.0 v2.0.0+incompatible"],
}
EQUAL = [
    ("deb", "1.0", "1.0-0"),
    ("deb", "0:1.0-1", "1.0-1"),
    ("deb", "1.0-01", "1.0-1"),
    ("rpm", "0:1.0-1", "1.0-1"),
    ("rpm", "1.0_1-1", "1.0.1-1"),
    ("rpm", "1.05-1", "1.5-1"),
    ("pypi", "1.0", "1.0.0"),
    ("golang", "v1.0.0", "1.0.0+incompatible"),
]
NOT_VERSIONS = [
    ("apk", "1.0bc"),
    ("apk", "23_foo"),
    ("apk", "1.0-1"),
    ("apk", "a"),
    ("apk", "1..0"),
    ("deb", "a1.0"),
    ("deb", "1_0"),
    ("deb", ":1.0"),
    ("deb", "a:1.0"),
    ("deb", "99999999999:1.0"),
    ("deb", "1.0-"),
    ("rpm", "1.0-1-1"),
    ("rpm", "x:1.0"),
    ("rpm", "1 0"),
    ("pypi", "1.x"),
    ("npm", "1.0"),
    ("npm", "^1.0.0"),
    ("npm", "UNKNOWN"),
    ("golang", "(devel)"),
]
ROWS = [(ecosystem, row.split()) for ecosystem, rows in ASCENDING.items() for row in rows]


@pytest.mark.parametrize(("ecosystem", "versions"), ROWS)
def test_versions_ascend_as_their_ecosystem_says(ecosystem, versions):
    for number, lower in enumerate(versions):
        for higher in versions[number + 1 :]:
            assert direction(ecosystem, lower, higher) == "upgraded"
            assert direction(ecosystem, higher, lower) == "downgraded"


@pytest.mark.parametrize(("ecosystem", "one", "other"), EQUAL)
def test_one_version_may_be_spelled_in_two_ways(ecosystem, one, other):
    assert direction(ecosystem, one, other) == "respelled"


@pytest.mark.parametrize(("ecosystem", "text"), NOT_VERSIONS)
def test_what_is_no_version_has_no_order(ecosystem, text):
    assert order_of(ecosystem, text) is None
    assert direction(ecosystem, text, ASCENDING[ecosystem][0].split()[0]) == "unordered"


@pytest.mark.parametrize("ecosystem", ORDERS)
@pytest.mark.parametrize("text", ["", "1" * (MAX_VERSION_BYTES + 1), "1.٢", "1.0\n", "1.0\x00", " 1.0", "1.0\u202e"])
def test_nothing_hostile_is_a_version(ecosystem, text):
    assert order_of(ecosystem, text) is None


def test_an_ecosystem_without_an_order_is_not_guessed_at():
    assert direction("maven", "1.0", "2.0") == "unordered"
    assert direction("generic", "1", "2") == "unordered"


WRITTEN = {
    "apk": st.from_regex(r"\A\d{1,3}(\.\d{1,2}){0,2}[a-c]?(_(alpha|rc|p)\d?){0,2}(~[0-9a-f]{1,3})?(-r\d)?\Z"),
    "deb": st.from_regex(r"\A([01]:)?\d[0-9a-b.+~]{0,5}(-[0-9a-b.+~]{1,4})?\Z"),
    "rpm": st.from_regex(r"\A([01]:)?[0-9a-b._~^]{1,6}(-[0-9a-b._~^]{1,4})?\Z"),
    "pypi": st.from_regex(r"\A\d(\.\d){0,2}((a|rc)\d)?(\.post\d)?(\.dev\d)?\Z"),
    "npm": st.from_regex(r"\A\d\.\d\.\d(-[0-9a-b]{1,2}(\.[0-9a-b]){0,2})?\Z"),
}


@pytest.mark.parametrize("ecosystem", WRITTEN)
@given(st.data())
def test_every_order_is_total(ecosystem, data):
    texts = st.from_regex("x") if ecosystem not in WRITTEN else WRITTEN[ecosystem].map(str.strip)
    a, b, c = (order_of(ecosystem, data.draw(texts)) for _ in range(3))
    if None in {a, b, c}:
        return
    assert (a < b) + (a == b) + (a > b) == 1
    if a <= b <= c:
        assert a <= c
    assert sorted([a, b, c]) == sorted([c, b, a])
