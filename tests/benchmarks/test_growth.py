"""The exponent by which a curve grows: linear is 1, and worse is found however long the start takes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.curves.curve import LINEAR, OURS, PEER, Curve, Series, growth, series

SIZES = (10, 100, 1_000, 10_000, 100_000)


def grown(power: float, *, start: float = 0.0, each: float = 1e-6) -> list[tuple[int, float]]:
    return [(size, start + each * size**power) for size in SIZES]


@given(st.floats(0, 3), st.floats(1e-9, 1e3))
def test_a_power_law_is_found_exactly(power, each):
    assert growth(grown(power, each=each)) == pytest.approx(power, abs=1e-6)


def test_what_is_always_there_makes_it_no_worse():
    assert growth(grown(1, start=0.05)) < 1


def test_the_square_is_found_behind_a_start_that_hides_it_at_first():
    assert growth(grown(2, start=0.1, each=1e-8)) > LINEAR


def test_n_log_n_is_as_good_as_linear():
    assert growth([(size, 1e-6 * size * math.log2(size)) for size in SIZES]) < LINEAR


@pytest.mark.parametrize("points", [[], [(10, 1.0)], [(10, 0.0), (100, 0.0)], [(10, 1.0), (10_000, 0.0)]])
def test_too_few_points_tell_nothing(points):
    assert growth(points) is None


def test_only_ours_is_a_defect():
    both = [Series(name=role, role=role, points=tuple(grown(2))) for role in (OURS, PEER)]
    curve = Curve(title="x", counted="files", series=tuple(both))
    assert curve.defects == ["ours grows by the power of 2.00"]


def test_a_series_measures_each_size_with_what_was_prepared_for_it():
    worked = []
    line = series("x", OURS, (1, 2), lambda size: lambda: worked.append(size), by="wall", per=2)
    assert [size for size, _ in line.points] == [1, 2]
    assert set(worked) == {1, 2}
    assert line.note == ""


def test_a_series_that_becomes_too_dear_ends_and_says_so(monkeypatch):
    monkeypatch.setattr("benchmarks.curves.curve.least", lambda *_, **__: 9.0)
    line = series("x", PEER, (10, 100), lambda _: lambda: None)
    assert [size for size, _ in line.points] == [10]
    assert line.note == "ends at 10, which take 9 s"


def test_a_curve_is_the_same_when_it_was_kept():
    curve = Curve(title="x", counted="files", series=(Series(name="a", role=OURS, points=((10, 0.5),), note="n"),))
    assert Curve.of(curve.members()) == curve
