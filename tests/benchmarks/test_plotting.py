"""Pictures of curves: well-formed whatever they are named, the same every time, and said in words too."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, Series
from benchmarks.plotting.chart import described, drawn
from benchmarks.plotting.scale import scale, seconds
from benchmarks.plotting.svg import element, label

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>&\"'\x00\ufffe]]>"
texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=20) | st.just(HOSTILE)
points = st.lists(
    st.tuples(st.integers(1, 10**6), st.just(0.0) | st.floats(1e-9, 1e4)),
    min_size=1,
    max_size=6,
    unique_by=lambda at: at[0],
)


def curve(*, title="files", name="verify", role=OURS, measured=((10, 0.01), (100, 0.1))):
    return Curve(title=title, counted="files", series=(Series(name=name, role=role, points=tuple(measured)),))


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - what was drawn here


@given(texts, texts)
def test_a_label_is_text_and_nothing_else(title, name):
    picture = parsed(drawn(curve(title=title, name=name)))
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "path", "circle",
    }  # fmt: skip
    assert len(picture.findall(f".//{SVG}title")) == 1


def test_what_xml_has_no_character_for_is_replaced():
    assert parsed(element("text", label("a\x00b", 1, 2)))[0].text == "a\ufffdb"


def test_an_attribute_cannot_end_itself():
    assert parsed(element("text", class_='"><script/>')).attrib == {"class": '"><script/>'}


@given(points)
def test_every_mark_stands_on_the_paper(measured):
    """A series whose runs were too short to be measured has no mark, and is no error."""
    if not any(value > 0 for _, value in measured):
        measured = [*measured, (10**6 + 1, 1.0)]
    picture = parsed(drawn(curve(measured=measured)))
    width, height = (float(part) for part in picture.attrib["viewBox"].split()[2:])
    marks = picture.findall(f"{SVG}circle")
    assert len(marks) == sum(value > 0 for _, value in measured)
    assert all(0 < float(mark.attrib["cx"]) < width and 0 < float(mark.attrib["cy"]) < height for mark in marks)


def test_each_role_has_a_mark_of_its_own():
    series = tuple(Series(name=role, role=role, points=((10, 1.0),)) for role in (OURS, PEER, LIMIT))
    picture = parsed(drawn(Curve(title="three", counted="files", series=series)))
    rings = [mark for mark in picture.findall(f"{SVG}circle") if "stroke" in mark.attrib]
    assert len(rings) == 1
    assert len(picture.findall(f"{SVG}circle")) == 2
    assert len(picture.findall(f"{SVG}rect")) == 2  # with the ground


def test_lines_that_end_alike_are_named_below_each_other():
    series = tuple(Series(name=f"line {at}", role=PEER, points=((10, 1.0), (100, 2.0))) for at in range(4))
    picture = parsed(drawn(Curve(title="four", counted="files", series=series)))
    heights = [
        float(each.attrib["y"]) for each in picture.findall(f"{SVG}text") if (each.text or "").startswith("line")
    ]
    assert all(later - earlier >= 15 for earlier, later in itertools.pairwise(heights))
    assert len(heights) == 4


def test_the_words_say_first_and_last_of_each_line():
    assert described(curve()) == ("CPU seconds by files, both axes logarithmic. verify: 10 ms for 10, 100 ms for 100.")


def test_the_picture_follows_the_reader_to_the_dark():
    assert "prefers-color-scheme: dark" in drawn(curve())


def test_a_scale_has_whole_decades_and_at_least_one():
    assert list(scale([0.01, 0.5], 0, 1).decades) == [-2, -1, 0]
    assert list(scale([10], 0, 1).decades) == [1, 2]
    assert scale([10, 1000], 100, 300)(100) == pytest.approx(200)


@pytest.mark.parametrize(
    ("value", "said"), [(10, "10 s"), (0.1, "100 ms"), (1e-3, "1 ms"), (1e-5, "10 µs"), (1e-9, "1 ns")]
)
def test_ticks_are_said_in_the_unit_of_their_size(value, said):
    assert seconds(value) == said
