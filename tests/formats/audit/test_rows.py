"""A package that a lock lists for several groups has a row for each in the document, and is one package."""

from tests.support.audit.results import audited, result
from verifier.core.value import replace
from verifier.formats.audit.document import write
from verifier.formats.audit.package import Place
from verifier.formats.audit.reading import read


def test_each_row_of_a_lock_keeps_its_groups_and_is_read_as_one_package():
    places = (Place("Pipfile.lock", 4, ("default",)), Place("Pipfile.lock", 90, ("develop",), ("toml",)))
    one = audited()
    package = replace(one.package, places=places, groups=("default", "develop"), extras=("toml",))
    night = result(packages=(replace(one, package=package),))
    rows = write(night)["audit"]["packages"]
    assert [(each["from"]["line"], each["groups"], each["extras"]) for each in rows] == [
        (4, ["default"], []),
        (90, ["develop"], ["toml"]),
    ]
    assert read(write(night)).packages == night.packages
