"""Options in groups: one definition each, and a command's signature is written from them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
import typer
from typer.exceptions import TyperException

from verifier.cli.app import command_line
from verifier.cli.judging.asked import Judging
from verifier.cli.options.named import Attested
from verifier.cli.options.option import Group, argument, option
from verifier.cli.options.parameter import parameters
from verifier.cli.options.trust import Trust
from verifier.cli.spread import spread


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Paint(Group):
    panel = "How it is painted"
    colour: Colour = option("--colour", "Which colour.", default=Colour.RED)
    coats: int = option("--coats", "How many coats.", default=2, least=1, most=3)
    brush: tuple[Path, ...] = option("--brush --tool", "A brush; repeatable.", metavar="FILE", default=())
    gloss: bool = option("--gloss/--matt", "Whether it shines.", default=False)


class Thick(Paint):
    coats: int = option("--coats", "How many coats.", default=3, least=1, most=3)


class House(Group):
    where: Path = argument("PLACE", "Where it stands.")
    roof: Literal["flat", "steep"] = option("--roof", "Which roof.", default="flat")
    wall: str | None = option("--wall", "What the walls are of.", default=None, words=("brick", "wood"))
    paint: Paint


def typed(command, *words):
    """What `command` makes of a command line."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("paint")(spread(command))
    with typer.main.get_command(app).make_context("paint", list(words)) as context:
        return context.command.invoke(context)


def paint(*, paint: Paint):
    return paint


def build(*, house: House, quickly: bool = option("--quickly", "Hurry.", default=False)):
    return house, quickly


def test_a_command_gets_its_groups_as_they_were_typed():
    house, quickly = typed(build, "here", "--quickly", "--coats", "3", "--tool", "a", "--brush", "b", "--wall", "wood")
    assert quickly is True
    assert house == House(
        where=Path("here"), wall="wood", paint=Paint(coats=3, brush=(Path("a"), Path("b")), colour=Colour.RED)
    )


def test_what_is_not_typed_is_as_the_group_has_it():
    assert typed(paint) == Paint()
    assert typed(build, "here")[0] == House(where=Path("here"), paint=Paint())


def test_a_group_extends_another_and_changes_a_default():
    def thick(*, paint: Thick):
        return paint

    assert typed(thick) == Thick(coats=3)
    assert [each.name for each in parameters(Thick)] == [each.name for each in parameters(Paint)]


@pytest.mark.parametrize("words", [("--gloss", "--matt"), ("--matt",)])
def test_a_switch_has_two_ends_and_the_last_one_counts(words):
    assert typed(paint, *words).gloss is False
    assert typed(paint, *reversed(words), "--gloss").gloss is True


@pytest.mark.parametrize(
    "words",
    [
        ("--coats", "0"),
        ("--coats", "4"),
        ("--coats", "many"),
        ("--colour", "green"),
        ("here", "--roof", "none"),
        ("here", "--wall", "glass"),
        ("here", "there"),
        (),
    ],
)
def test_bounds_words_and_what_is_required_hold(words):
    with pytest.raises(TyperException):
        typed(build, *words)


def test_the_help_is_the_groups_and_says_defaults_and_bounds():
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("build")(spread(build))
    command = typer.main.get_command(app)
    with command.make_context("build", [], resilient_parsing=True) as context:
        text = " ".join(command.get_help(context).split())
    assert "--colour <red|blue> Which colour. [default: red]" in text
    assert "--coats <int range> How many coats. [default: 2; 1<=x<=3]" in text
    assert "--brush, --tool FILE A brush; repeatable." in text
    assert "--gloss / --matt Whether it shines. [default: matt]" in text
    assert "--roof <flat|steep> Which roof. [default: flat]" in text
    assert "--wall <brick|wood> What the walls are of. --colour" in text
    assert "PLACE Where it stands. [required]" in text


def test_options_stand_under_the_heading_of_their_group():
    app = typer.Typer(add_completion=False)
    app.command("build")(spread(build))
    headings = {each.name: getattr(each, "rich_help_panel", None) for each in typer.main.get_command(app).params}
    assert (headings["coats"], headings["roof"], headings["quickly"]) == ("How it is painted", None, None)


class Named(Group):
    colour: str = option("--name", "Its name.", default="")


class Flagged(Group):
    other: str = option("--shade --matt", "Its shade.", default="")


def test_a_name_that_two_groups_claim_is_an_error_where_the_command_is_defined():
    def clash(*, paint: Paint, named: Named):
        raise AssertionError

    with pytest.raises(TypeError, match="two options of one command are called colour"):
        spread(clash)


def test_so_is_a_flag_and_an_end_of_a_switch():
    def clash(*, paint: Paint, flagged: Flagged):
        raise AssertionError

    with pytest.raises(TypeError, match="are called --matt"):
        spread(clash)


def test_so_is_an_option_of_the_command_itself():
    def clash(*, paint: Paint, quickly: bool = option("--gloss", "Hurry.", default=False)):
        raise AssertionError

    with pytest.raises(TypeError, match="are called --gloss"):
        spread(clash)


@pytest.mark.parametrize(
    ("group", "names"),
    [(Trust, ["bundle", "artifact", "verdict"]), (Judging, ["bundle", "artifact"]), (Attested, ["bundle", "artifact"])],
)
def test_a_group_is_the_same_in_every_command_that_has_it(group, names):
    wanted = [each.name for each in parameters(group)]
    helps = []
    for name in names:
        known = {each.name: each for each in typer.main.get_command(command_line(name)).commands[name].params}
        context = typer.Context(typer.main.get_command(command_line(name)))
        helps.append([known[each].get_help_record(context) for each in wanted])
    assert len(helps[0]) == len(wanted) > 2
    assert all(each == helps[0] for each in helps)
