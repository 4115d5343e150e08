"""A page of HTML, taken apart as a browser would: its elements, what they hold, what its policy lets count."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from verifier.core.value import Value, field

ALONE = frozenset({"br", "input", "meta", "wbr"})
RAW = frozenset({"style", "script"})


class Element(Value):
    """One element: its name, its attributes, and the text directly within it."""

    name: str
    said: dict[str, str | None]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands in it."""
        return "".join(self.texts)


class Page(HTMLParser):
    """All elements of a page, in order; `ValueError` where one ends that has not begun, or never ends."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.document, self.elements = document, list[Element]()
        self._open: list[Element] = []
        self.feed(document)
        self.close()
        if self._open:
            raise ValueError(f"{[each.name for each in self._open]} never end")

    def handle_starttag(self, tag, attrs):
        if len(dict(attrs)) != len(attrs):
            raise ValueError(f"{tag} has an attribute twice")
        self.elements.append(Element(name=tag, said=dict(attrs)))
        if tag not in ALONE:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        if not self._open or self._open[-1].name != tag:
            raise ValueError(f"</{tag}> within {[each.name for each in self._open]}")
        self._open.pop()

    def handle_data(self, data):
        if self._open:
            for each in self._open:
                each.texts.append(data)

    def named(self, name: str) -> list[Element]:
        """The elements of this name."""
        return [each for each in self.elements if each.name == name]

    def by_id(self, place: str) -> Element:
        """The one element of this id."""
        (found,) = [each for each in self.elements if each.said.get("id") == place]
        return found

    @property
    def text(self) -> str:
        """What a person reads."""
        (body,) = self.named("body")
        scripts = "".join(each.text for each in self.named("script"))
        return body.text.replace(scripts, "") if scripts else body.text

    @property
    def policy(self) -> dict[str, str]:
        """The page's policy, by directive."""
        (meta,) = [each for each in self.named("meta") if each.said.get("http-equiv") == "Content-Security-Policy"]
        return dict(each.strip().split(" ", 1) for each in meta.said["content"].split(";"))


def digest_of(source: str) -> str:
    """As a policy names a style or a script: worked out apart from what makes pages."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() + "'"


def asked_for(document: str) -> list[str]:
    """What a browser might fetch, follow or run of a page, besides its own style and script."""
    page = Page(document)
    found = [f"{each.name} {name}" for each in page.elements for name in each.said if name.startswith("on")]
    found += [f"{each.name} style" for each in page.elements if "style" in each.said]
    for each in page.elements:
        for name in (
            "src",
            "srcset",
            "href",
            "xlink:href",
            "action",
            "formaction",
            "data",
            "poster",
            "ping",
            "background",
        ):
            value = each.said.get(name)
            if value is not None and not re.fullmatch(r"#[a-z0-9-]+", value):
                found.append(f"{each.name} {name}={value}")
    forbidden = {
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "img",
        "link",
        "video",
        "audio",
        "foreignobject",
        "use",
        "image",
    }
    return found + [each.name for each in page.elements if each.name in forbidden]
