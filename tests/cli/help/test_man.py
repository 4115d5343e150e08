"""Man pages: one a command, with all that its help has, and nothing in them is a macro by accident."""

from tools.man import _escaped, main, man_pages
from verifier.cli.help.catalogue import catalogue


def test_every_command_has_a_page_with_every_option(tmp_path):
    assert main([str(tmp_path)]) == 0
    pages = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(pages) == {"verify.1", *(f"verify-{path.replace(' ', '-')}.1" for path in catalogue())}
    for path, known in catalogue().items():
        text = pages[f"verify-{path.replace(' ', '-')}.1"].replace("\\-", "-")
        assert all(flag in text for taken in known.taken for flag in taken.flags)
        assert ".SH EXAMPLES" in text


def test_the_same_commit_makes_the_same_pages(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764374400")
    pages = man_pages()
    assert pages == man_pages()
    assert '1 "2025-11-29"' in pages["verify.1"]


def test_a_text_is_no_macro():
    assert _escaped(".so /etc/passwd") == r"\&.so /etc/passwd"
    assert _escaped("'x") == r"\&'x"
    assert _escaped(r"a\fB-x") == r"a\efB\-x"


def test_a_directory_has_to_be_named(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
