"""XML says what JSON says, whatever a name holds."""

import pytest
from lxml import etree

from tests.support.sboms.written import catalog, document, one
from verifier.formats.bom.component import License
from verifier.sbom.generate import generate, written
from verifier.sbom.reading import read_bom

VERSIONS = ["1.5", "1.6", "1.7"]
HOSTILE = {
    "an escape sequence": "a\x1b[31mred",
    "every control character": "".join(map(chr, range(1, 32))),
    "delete and C1": "a\x7f\x9bb",
    "half of a surrogate pair": "caf\udce9",
    "no characters at all": "a\ufffe\uffffb",
    "markup": "<a href='x'>&amp;</a> ]]> <!-- -->",
    "beyond ASCII": "naïve \u202egnp.exe 🙂",
    "quotes and breaks": "a\"b'c\td\ne\rf",
}


def components(content):
    return etree.fromstring(content).find("{*}components")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_forms_are_read_as_the_same_document(version):
    made = catalog()
    as_json = read_bom(generate(made, spec_version=version), subject="json")
    as_xml = read_bom(generate(made, form="cyclonedx-xml", spec_version=version), subject="xml")
    assert set(as_json.components) == set(as_xml.components)
    assert (as_json.subject, as_json.dependencies) == (as_xml.subject, as_xml.dependencies)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_forms_have_one_number(version):
    root = etree.fromstring(generate(catalog(), form="cyclonedx-xml", spec_version=version))
    assert root.get("serialNumber") == document(spec_version=version)["serialNumber"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_valid_in_every_place(text, version):
    hostile = one(
        text,
        version=text,
        namespace=text,
        supplier=text,
        description=text,
        cpe=text,
        path=f"{text}/METADATA",
        layer=text,
        ref=f"ref {text}",
        licenses=(License(text, "name"), License(text, "expression")),
        properties=((text, text),),
    )
    made = catalog(hostile, dependencies=((f"ref {text}", ()),))
    assert written(made, form="cyclonedx-xml", spec_version=version).validated
    assert written(made, spec_version=version).validated


@pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_a_terminal_would_act_on_is_written(text, form):
    content = generate(catalog(one(text, properties=((text, text),))), form=form)
    assert content.isascii()
    assert not set(content) - set(range(32, 127)) - {ord("\n")}


def test_what_xml_cannot_hold_is_written_out_and_counted():
    made = written(catalog(one("a\x1b[31m\x00")), form="cyclonedx-xml")
    assert components(made.content)[0].findtext("{*}name") == "a\\u001b[31m\\u0000"
    assert made.escaped == 2
    said = {
        each.get("name"): each.text for each in etree.fromstring(made.content).iterfind("{*}metadata/{*}properties/*")
    }
    assert said["verifier:xml:escaped"] == "2"


def test_what_xml_can_hold_is_what_it_was():
    text = "<a> & \"b\" 'c'\r\n\t\x7f\x9b é \u202e"
    made = written(catalog(one("x", description=text)), form="cyclonedx-xml")
    assert components(made.content)[0].findtext("{*}description") == text
    assert made.escaped == 0


def test_a_name_that_was_no_utf8_is_one_text_in_json_too():
    (found,) = document(catalog(one("caf\udce9", ref="\udce9", type="file"), dependencies=()))["components"]
    assert (found["name"], found["bom-ref"]) == ("caf\\udce9", "\\udce9")


def test_there_is_no_doctype_and_nothing_to_expand():
    content = generate(catalog(one("&lol; <!DOCTYPE x>")), form="cyclonedx-xml")
    assert b"<!DOCTYPE" not in content
    assert b"&lol;" not in content
