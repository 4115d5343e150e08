"""What pages and README tell of speed is what is kept of the last runs, and no other figure."""

from pathlib import Path

import pytest

from benchmarks.catalogue import BENCHMARKS
from benchmarks.curves.curve import OURS, Curve, Series
from benchmarks.harness import Row
from benchmarks.results import page, readme, store
from benchmarks.results.store import Conditions, Section

CONDITIONS = Conditions(command="make bench", measured="2026-01-02", machine="M", peers=("opa 1",), load=("0.1", "0.2"))
SECTION = Section(conditions=CONDITIONS, rows=(Row(title="a", against="b", ours=1.23456, theirs=2.0, cpu_ours=0.5),))


def test_the_page_is_that_of_the_results():
    shown = page.PAGE.read_text()
    assert shown == page.written(store.read(), page.kept_of(shown))


def test_the_pictures_are_those_of_the_results():
    kept = {path: path.read_text() for path in store.FOLDER.glob("*.svg")}
    assert kept == page.pictures(store.read())


def test_the_figures_of_the_readme_are_those_of_the_results():
    text, unsaid = readme.figures(store.read())
    assert len(unsaid) < len(readme.TOLD) / 2
    assert text == readme.README.read_text().partition(readme.BEGIN)[2].partition(readme.END)[0]


def test_every_section_is_of_a_benchmark_that_there_is():
    assert store.read().keys() <= BENCHMARKS.keys()


def test_every_note_is_of_a_benchmark_that_there_is():
    assert {path.stem for path in page.NOTES.glob("*")} <= BENCHMARKS.keys()


def test_a_section_is_kept_with_its_conditions_and_four_digits(tmp_path: Path):
    curve = Section(
        conditions=CONDITIONS,
        curve=Curve(title="t", counted="files", series=(Series(name="s", role=OURS, points=((10, 0.123),)),)),
    )
    store.write({"reading": SECTION, "files": curve}, tmp_path / "results.json")
    kept = store.read(tmp_path / "results.json")
    (row,) = kept["reading"].rows
    assert (row.ours, row.theirs, row.cpu_ours, row.cpu_theirs) == (1.235, 2.0, 0.5, None)
    assert kept["files"].curve == curve.curve
    assert tuple(kept["reading"].conditions.load) == ("0.1", "0.2")


def test_results_of_another_version_are_not_guessed_at(tmp_path: Path):
    (tmp_path / "results.json").write_text('{"version": 99, "sections": {}}')
    with pytest.raises(ValueError, match="version 99"):
        store.read(tmp_path / "results.json")


def test_what_another_tool_wrote_stays():
    kept = f"{page.KEPT}\n\nkept\n"
    assert page.written({"reading": SECTION}, kept).endswith(kept)
    assert page.kept_of(page.written({"reading": SECTION}, kept)) == kept


def test_the_readme_lacks_a_figure_aloud():
    _, unsaid = readme.figures({})
    assert len(unsaid) == len(readme.TOLD)
