"""CycloneDX in XML: nothing to expand and nothing to fetch, bounded, and read as the schema reads it."""

import pytest

from tests.support.sboms.documents import faults, refusal, xml_bom
from verifier.core.errors import Refused
from verifier.sbom.reading import read_bom

ONE = '<components><component type="library"><name>{}</name><version>1</version></component></components>'
BOMB = (
    "<!DOCTYPE bom ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10))
    + "]>"
)
DOCTYPES = {
    "plain": "<!DOCTYPE bom>",
    "lower case": "<!doctype bom>",
    "an external one": '<!DOCTYPE bom SYSTEM "https://registry.acme.example/evil.dtd">',
    "an entity bomb": BOMB,
    "an external entity": '<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "a parameter entity": '<!DOCTYPE bom [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
    "behind a comment": "<!-- a > b --><!DOCTYPE bom>",
    "behind an instruction": '<?xml-stylesheet href="a?"?>\n\t<!DOCTYPE bom>',
}


@pytest.mark.parametrize("kind", DOCTYPES)
def test_a_document_type_is_refused_before_anything_is_parsed(kind):
    content = xml_bom(ONE.format("&a9;"), before=DOCTYPES[kind])
    [message] = faults(content)
    assert "has a document type (<!DOCTYPE), expected none" in message


def test_the_word_in_a_text_is_no_document_type():
    document = read_bom(xml_bom(ONE.format("<![CDATA[<!DOCTYPE bom>]]>")), subject="bom")
    assert document.components[0].name == "<!DOCTYPE bom>"


def test_an_external_entity_reads_no_file(tmp_path):
    """Not even where the document type is missed: the parser itself resolves nothing."""
    (tmp_path / "secret").write_text("secret")
    content = xml_bom(ONE.format("&x;"), before=f'<!DOCTYPE bom [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>')
    assert "secret" not in str(refusal(content)).replace(str(tmp_path), "")


@pytest.mark.parametrize("text", ["&x;", "&nbsp;", "&#0;", "&#27;", "&", "\x01"])
def test_what_is_no_character_of_xml_is_refused(text):
    [message] = faults(xml_bom(ONE.format(text)))
    assert message.startswith("not XML")


def test_the_five_entities_and_characters_by_number_are_texts():
    document = read_bom(xml_bom(ONE.format("&lt;a&gt;&amp;&quot;&apos;&#66;&#x43;")), subject="bom")
    assert document.components[0].name == "<a>&\"'BC"


def test_comments_and_instructions_do_not_cut_a_name_in_two():
    """A reader that takes an element's first text alone would see another component."""
    document = read_bom(xml_bom(ONE.format("reque<!-- -->sts<?pi x?>-evil")), subject="bom")
    assert document.components[0].name == "requests-evil"


def test_a_name_keeps_its_blanks_and_a_version_loses_those_around_it():
    """A file may be called `a `; whoever indents a version does not mean another."""
    content = xml_bom(ONE.format(" Simple Launcher ")).replace(b">1<", b">\n  1\n<")
    [component] = read_bom(content, subject="bom").components
    assert (component.name, component.version) == (" Simple Launcher ", "1")


@pytest.mark.parametrize("depth", [300, 400, 5_000, 100_000])
def test_what_is_nested_too_deeply_is_refused(depth):
    [message] = faults(xml_bom("<components>" * depth + "</components>" * depth))
    assert "Excessive depth" in message


def test_a_hundred_components_one_within_the_other_are_read():
    opening = '<components><component type="library"><name>a</name>'
    document = read_bom(xml_bom(opening * 100 + "</component></components>" * 100), subject="bom")
    assert len(document.components) == 100
    assert document.components[2].parent == "components[0].components[0]"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_refused(encoding):
    content = xml_bom(ONE.format("café")).decode().replace("UTF-8", encoding).encode(encoding)
    assert {reason.code for reason in refusal(content)} <= {"sbom.invalid", "sbom.unsupported"}
    assert refusal(content)


def test_an_encoding_that_is_only_said_is_refused():
    """ASCII either way, but UTF-7 would make tags of it."""
    content = xml_bom(ONE.format("+ADw-name+AD4-")).replace(b"UTF-8", b"UTF-7")
    assert faults(content) == ["XML in 'UTF-7', expected UTF-8"]


def test_a_byte_order_mark_is_no_difference_to_xml():
    assert faults(b"\xef\xbb\xbf" + xml_bom(ONE.format("a"))) == []


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.8", "12", ""])
def test_a_namespace_that_is_not_read_is_refused(version):
    [reason] = refusal(xml_bom(ONE.format("a"), version=version))
    assert reason.code == "sbom.unsupported"
    assert "expected one of 1.4, 1.5, 1.6, 1.7" in reason.message


def test_another_root_is_refused():
    content = b'<bom xmlns="https://cyclonedx.example/bom/1.6" version="1"/>'
    [reason] = refusal(content)
    assert reason.code == "sbom.unsupported"


def test_the_schema_names_the_place_that_is_wrong():
    two = ONE.format("a").replace("</components>", '<component type="libary"><name>b</name></component></components>')
    [message] = faults(xml_bom(two))
    assert message.startswith("components/component[2] (line 1): Element 'component', attribute 'type'")


def test_elements_of_other_namespaces_are_counted_aloud_and_left_out():
    inside = ONE.format("a").replace("</version>", '</version><x:purl xmlns:x="urn:x">pkg:pypi/b@1</x:purl>')
    document = read_bom(xml_bom(inside), subject="bom")
    assert document.components[0].purl == ""
    assert [doubt.message for doubt in document.findings] == [
        "the document has 1 elements or attributes of other namespaces, which are not read"
    ]


def test_what_no_schema_sees_is_found_in_xml_too():
    inside = ONE.format("requests").replace("</version>", "</version><purl>pkg:pypi/urllib3@1</purl>")
    assert faults(xml_bom(inside)) == [
        "components[0].purl is 'pkg:pypi/urllib3@1', which is not 'requests', the component's name"
    ]


def test_more_elements_than_may_be_paid_for_are_refused_before_they_are_made():
    content = xml_bom("<components>" + '<component type="file"><name/></component>' * 1_000_000 + "</components>")
    [reason] = refusal(content)
    assert (reason.code, "XML elements" in reason.message) == ("input.too-costly", True)


def test_many_errors_are_told_up_to_a_bound():
    wrong = "<components>" + '<component type="x"><name>a</name></component>' * 5_000 + "</components>"
    assert 1 <= len(faults(xml_bom(wrong))) <= 20


def test_no_cut_document_is_read():
    content = xml_bom(ONE.format("a"))
    for length in range(len(content)):
        with pytest.raises(Refused):
            read_bom(content[:length], subject="bom")


def test_an_element_of_very_many_attributes_is_refused_before_the_schema_is_asked():
    """100,000 would take the validator minutes."""
    content = xml_bom(attributes="".join(f' a{number}="1"' for number in range(100_000)))
    assert faults(content) == ["an element has 100,001 attributes; at most 256 are read"]


def test_very_many_namespaces_are_refused():
    content = xml_bom(attributes="".join(f' xmlns:a{number}="urn:{number}"' for number in range(30_000)))
    assert faults(content) == ["more than 1000 declarations of namespaces; at most so many are read"]


def test_a_long_comment_before_the_root_hides_no_document():
    content = xml_bom(ONE.format("a"), before=f"<!-- {'licence ' * 10_000} -->")
    assert len(read_bom(content, subject="bom").components) == 1
