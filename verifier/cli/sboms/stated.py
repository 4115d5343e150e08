"""What nothing in an artifact says, and its maker knows: who supplies it, and who answers for the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.formats.bom.catalog import Catalog


class Stated(Group):
    """Whom profiles of SBOMs want to see named."""

    panel = "Who says so"
    supplier: str | None = option(
        "--supplier", "Who supplies the artifact, and the Rego packages in it.", default=None, metavar="NAME"
    )
    author: tuple[str, ...] = option("--author", "Who answers for the SBOM; repeatable.", default=(), metavar="NAME")

    def onto(self, catalog: Catalog) -> Catalog:
        """`catalog` with what is stated; what a component says of itself is left as it is."""
        for flag, names in (("--supplier", (self.supplier,)), ("--author", self.author)):
            if any(each is not None and (not each.strip() or not each.isprintable()) for each in names):
                raise ConfigurationError("is empty, or holds what nobody could see", where=flag)
        if self.supplier is None:
            return replace(catalog, authors=self.author)
        supplier = self.supplier
        return replace(
            catalog,
            authors=self.author,
            subject=catalog.subject._replace(supplier=catalog.subject.supplier or supplier),
            components=tuple(
                each._replace(supplier=supplier) if each.name.startswith("data.") and _is_ours(each.ref) else each
                for each in catalog.components
            ),
        )


def _is_ours(ref: str) -> bool:
    """Whether a component is a Rego package of the bundle."""
    return ref.startswith("rego:")
