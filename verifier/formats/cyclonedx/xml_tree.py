"""The JSON of the same meaning as a CycloneDX document in XML, which its schema has passed.

* the JSON schema of the same version says what is a list, an object, a number or a truth value
* where the two formats differ in more than their brackets, a table says how
* names and values are as they are written, other texts lose the blanks around them
* elements of other namespaces are counted and left out, as those that extend a document are

Source: CycloneDX 1.4 to 1.7, XML and JSON schemas, side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from verifier.formats.cyclonedx.shapes import Shape

if TYPE_CHECKING:
    from lxml.etree import _Element

_TEXT_IN: Final = ("content", "value", "text", "name")
"""Where the text of an element goes that is an object in JSON: the first of these that it has."""
_AS_WRITTEN: Final = frozenset({"name", "value", "description", "copyright", "text"})
"""Elements of which the blanks count: a file may be called `a `."""
_OTHER_NAMES: Final = {"content-type": "contentType", "responses": "response"}
"""Names that JSON has otherwise."""


class Conversion:
    """Converts the elements of one document; `foreign` counts what is of other namespaces. Changes."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.foreign = 0

    def value(self, element: _Element, shape: Shape) -> Any:
        """What an element holds, as its shape has it."""
        if shape.kind == "object":
            return self.object(element, shape)
        if shape.kind == "array":
            return self.items(element, shape)
        text = element.text or element.get("ref", "")
        verbatim = shape.kind == "string" and element.tag[len(self.namespace) :] in _AS_WRITTEN
        return text if verbatim else _scalar(text, shape.kind)

    def object(self, element: _Element, shape: Shape) -> dict[str, Any]:
        """Attributes, children and text as members."""
        found: dict[str, Any] = {}
        for name, text in element.attrib.items():
            member = shape.members.get(_OTHER_NAMES.get(name, name))
            if member is not None:
                found[_OTHER_NAMES.get(name, name)] = _scalar(text, member.kind)
            elif name.startswith("{"):
                self.foreign += 1
        for name, child in self.children(element):
            self.member(found, _OTHER_NAMES.get(name, name), child, shape)
        if not len(element) and element.text and not element.text.isspace():
            self.text(found, element.text, shape)
        return found

    def member(self, found: dict[str, Any], name: str, child: _Element, shape: Shape) -> None:
        """Add the member that a child is; of a list that stands without brackets, each child is an item."""
        if name in ("dependency", "provides") and "dependsOn" in shape.members:
            found.setdefault("dependsOn" if name == "dependency" else name, []).append(child.get("ref", ""))
            return
        member = shape.members.get(name)
        if member is None:
            return
        if "flow" in child.attrib and "flow" in shape.members:
            found["flow"] = child.get("flow")
        if member.kind != "array" and not (member.may_be_list and not self.is_object(child, member)):
            found[name] = self.value(child, member)
        elif self.is_item(child, member):
            found.setdefault(name, []).append(self.value(child, member.item))
        else:
            found.setdefault(name, []).extend(self.items(child, member))

    def items(self, wrapper: _Element, shape: Shape) -> list[Any]:
        """The children of a wrapper, which are the items of a list."""
        return [self.item(name, child, shape.item) for name, child in self.children(wrapper)]

    def item(self, name: str, child: _Element, shape: Shape) -> Any:
        """One item, which in some lists says by its name what it is."""
        if name in ("license", "expression", "expression-detailed") and "license" in shape.members:
            return self.choice(name, child, shape)
        if name == "classification" and "classification" in shape.members:
            return {key: value for key, value in child.attrib.items() if key == "flow"} | {name: _text(child)}
        if name == "value" and not len(child) and name in shape.members:
            return _text(child)
        return self.value(child, shape)

    def choice(self, name: str, child: _Element, shape: Shape) -> Any:
        """A licence, or an expression of several."""
        if name == "license":
            return {name: self.value(child, shape.members[name])}
        found = self.object(child, shape)
        if name == "expression":
            found[name] = _text(child)
        return found

    def is_object(self, child: _Element, shape: Shape) -> bool:
        """Of what may be an object or a list: whether it is the object, and no item or wrapper of the list."""
        names = {name for name, _ in self.children(child)}
        return not names or (names.isdisjoint(shape.item.members) and not names.isdisjoint(shape.members))

    def is_item(self, child: _Element, shape: Shape) -> bool:
        """Whether an element is an item of the list of its name, rather than the wrapper of its items."""
        item, own = shape.item, child.tag[len(self.namespace) :]
        names = [name for name, _ in self.children(child)]
        if item.kind != "object":
            return not names and bool(_text(child) or child.attrib)
        wraps = own == f"{names[0]}s" or names.count(names[0]) > 1 if names else False
        if wraps or "license" in item.members or any("flow" in each.attrib for each in child):
            return False
        known = {_OTHER_NAMES.get(name, name) for name in (*names, *child.attrib)}
        return not known.isdisjoint(item.members)

    def text(self, found: dict[str, Any], text: str, shape: Shape) -> None:
        """Add the text of an element that is an object in JSON."""
        for name in _TEXT_IN:
            if name in shape.members and name not in found:
                found[name] = text.strip() if "alg" in found else text
                return

    def children(self, element: _Element) -> list[tuple[str, _Element]]:
        """Children in the document's own namespace, by their local names."""
        cut, found = len(self.namespace), []
        for child in element:
            if child.tag.startswith(self.namespace):
                found.append((child.tag[cut:], child))
            else:
                self.foreign += 1
        return found


def _text(element: _Element) -> str:
    return (element.text or "").strip()


def _scalar(text: str, kind: str) -> Any:
    text = text.strip()
    if kind == "boolean":
        return text in ("true", "1")
    if kind in ("number", "integer"):
        try:
            return int(text) if kind == "integer" or text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            return text
    return text
