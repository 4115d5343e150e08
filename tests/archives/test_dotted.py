"""Archives that were packed as '.': one error in all, and how to pack."""

from tests.support.archives.tars import COMPAT, codes, gz, member, read, warned
from verifier.archives.dotted import FROM_WITHIN, HOW_TO_PACK
from verifier.core.errors import Refused

NAMES = ("./data.json", "./a/b.rego", "./.manifest")


def packed(*names):
    return gz(member(b"./", b"", kind=b"5"), *(member(name.encode(), b"{}") for name in names))


def refusal(content):
    try:
        read(content)
    except Refused as refused:
        return refused.reasons
    raise AssertionError("nothing was refused")


def test_names_below_dot_are_one_error_that_says_how_to_pack():
    (reason,) = refusal(packed(*NAMES))
    assert (reason.code, reason.hint) == ("archive.unsafe-name", HOW_TO_PACK)
    assert warned(packed(*NAMES)) == ["archive.unsafe-name"]
    assert len(read(packed(*NAMES), mode=COMPAT).members) == 3


def test_a_bundle_built_from_another_folder_says_where_to_build_it():
    """`opa build -b ../policies` writes the way there into the names."""
    (reason,) = refusal(gz(member(b"/../policies/authz/policy.rego", b"package authz\n")))
    assert (reason.code, reason.hint) == ("archive.unsafe-name", FROM_WITHIN)


def test_another_unsafe_name_among_them_is_an_error_of_its_own():
    assert codes(read, packed(*NAMES, "./../b", "./a/./b", ".//c")) == ["archive.unsafe-name"] * 4


def test_a_name_that_begins_with_a_dot_is_none_of_them():
    assert codes(read, gz(member(b"/.manifest", b"{}"), member(b".a/data.json", b"{}"))) == []
