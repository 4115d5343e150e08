"""`judge` against a second implementation, written from the rules alone and without regard to speed.

The second one asks of every `introduced` whether anything ends it, where the first walks the events in their order.
"""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from tests.support.audit.made import NOW, package
from verifier.audit.matching import Affected, NotAffected, Undecided, judge
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record

VERSIONS = [
    *("0", "0.dev0", "0.0", "1", "1.0", "1.0.0", "1.0a1", "1.0alpha1", "1.0rc1", "1.0.dev3", "1.0.post1", "1.0-1"),
    *("1.1", "1.10", "1.2", "2.0", "2.0.0+cu118", "2.0+CU118", "2.0+cpu", "2.0rc1", "2.0.post1", "v2.0", "3", "1!0.1"),
    *("2019-09-12", "0.7.10p1", "0.2.0-n653", "x"),
]
EVENTS = st.builds(
    Event, st.sampled_from(["introduced", "introduced", "fixed", "last_affected"]), st.sampled_from(VERSIONS)
)
LIMITS = st.builds(Event, st.just("limit"), st.sampled_from([*VERSIONS, "*"]))
RANGES = st.builds(
    Range,
    st.sampled_from(["ECOSYSTEM", "ECOSYSTEM", "ECOSYSTEM", "GIT"]),
    st.tuples(st.lists(EVENTS, min_size=1, max_size=6), st.lists(LIMITS, max_size=2)).map(
        lambda two: (*two[0], *two[1])
    ),
)
ENTRIES = st.builds(
    AffectedPackage,
    st.sampled_from(["PyPI", "PyPI", "PyPI", "npm", "Root"]),
    st.sampled_from(["jinja2", "Jinja2", "flask"]),
    ranges=st.lists(RANGES, max_size=3).map(tuple),
    versions=st.lists(st.sampled_from(VERSIONS), max_size=3).map(tuple),
)


def parsed(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def public(text):
    version = parsed(text)
    return None if version is None else Version(version.public)


class Unsure(Exception):
    """Nobody can say."""


def naive(record, version):
    """ "yes", "no" or "?" by the rules of formats/audit.md section 2."""
    answers = {
        each
        for entry in record.affected
        if entry.ecosystem == "PyPI" and entry.name.lower() == "jinja2"
        for each in naive_answers(entry, version)
    }
    return "yes" if "yes" in answers else "?" if "?" in answers else "no"


def naive_answers(entry, version):
    telling = [each for each in entry.ranges if each.type == "ECOSYSTEM"]
    if version in entry.versions:
        yield "yes"
    if not telling and not entry.versions:
        yield "?"
    if public(version) is None and (telling or entry.versions):
        yield "?"
        return
    for listed in entry.versions:
        if parsed(listed) is not None and parsed(listed) in (parsed(version), public(version)):
            yield "yes"
    for each in telling:
        try:
            yield "yes" if naive_range(each.events, public(version)) else "no"
        except Unsure:
            yield "?"


def naive_range(events, version):
    at = {kind: [] for kind in ("introduced", "fixed", "last_affected", "limit")}
    for kind, text in events:
        if (kind, text) in (("introduced", "0"), ("limit", "*")):
            at[kind].append(None)
        elif parsed(text) is None:
            raise Unsure
        else:
            at[kind].append(parsed(text))
    if at["limit"] and None not in at["limit"] and not any(version < each for each in at["limit"]):
        return False
    return is_open(at, lambda other: other <= version, lambda other: other < version)


def is_open(at, reached, passed):
    """Whether some `introduced` that is reached has no end that is: None, the start, lies before all others."""
    return any(
        (begin is None or reached(begin))
        and not any(after(each, begin) and reached(each) for each in at["fixed"])
        and not any(after(each, begin) and passed(each) for each in at["last_affected"])
        and not (begin in at["last_affected"] and passed(begin) and not was_open(at, begin))
        for begin in at["introduced"]
    )


def was_open(at, point):
    """Whether what ends at `point` was begun before it."""
    before = {kind: [each for each in versions if each is None or each < point] for kind, versions in at.items()}
    return point not in at["fixed"] and is_open(before, lambda other: other < point, lambda other: other < point)


def after(one, other):
    return other is None or one > other


def word(record, version):
    judgement = judge(record, package(version=version))
    return {Affected: "yes", NotAffected: "no", Undecided: "?"}[type(judgement)]


@settings(max_examples=400)
@given(entries=st.lists(ENTRIES, max_size=3), version=st.sampled_from(VERSIONS))
def test_two_implementations_agree(entries, version):
    record = Record("A-1", NOW, affected=tuple(entries))
    assert word(record, version) == naive(record, version)


@given(given=RANGES, version=st.sampled_from(VERSIONS), data=st.data())
def test_the_order_that_events_stand_in_does_not_matter(given, version, data):
    shuffled = Range(given.type, tuple(data.draw(st.permutations(given.events))))
    one, other = (AffectedPackage("PyPI", "jinja2", ranges=(each,)) for each in (given, shuffled))
    assert word(Record("A", NOW, affected=(one,)), version) == word(Record("A", NOW, affected=(other,)), version)


def test_every_order_of_ranges_that_meet_is_one_range():
    events = [
        Event("introduced", "0.13.0"),
        Event("fixed", "0.14.0rc1"),
        Event("introduced", "0.12.2"),
        Event("fixed", "0.13.0"),
    ]
    for order in permutations(events):
        record = Record("A", NOW, affected=(AffectedPackage("PyPI", "jinja2", ranges=(Range("ECOSYSTEM", order),)),))
        found = [word(record, each) for each in ("0.12.1", "0.12.2", "0.13.0", "0.13.1", "0.14.0rc1")]
        assert found == ["no", "yes", "yes", "yes", "no"]
