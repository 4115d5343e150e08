"""What nothing in an artifact says, and its maker knows: who supplies it, its licence, and who answers for the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.formats.bom.catalog import Catalog
    from verifier.formats.bom.component import Component, License


class Stated(Group):
    """Whom profiles of SBOMs want to see named."""

    panel = "Who says so"
    supplier: str | None = option(
        "--supplier", "Who supplies the artifact, and the Rego packages in it.", default=None, metavar="NAME"
    )
    licensed: str | None = option(
        "--license",
        "SPDX expression under which the artifact, and the Rego packages in it, are handed out.",
        default=None,
        metavar="EXPRESSION",
    )
    author: tuple[str, ...] = option("--author", "Who answers for the SBOM; repeatable.", default=(), metavar="NAME")

    def onto(self, catalog: Catalog) -> Catalog:
        """`catalog` with what is stated; what a component says of itself is left as it is."""
        for flag, names in (("--supplier", (self.supplier,)), ("--author", self.author)):
            if any(each is not None and (not each.strip() or not each.isprintable()) for each in names):
                raise ConfigurationError("is empty, or holds what nobody could see", where=flag)
        supplier, licenses = self.supplier or "", self._licenses()
        if not supplier and not licenses:
            return replace(catalog, authors=self.author)

        def said(component: Component) -> Component:
            return component._replace(supplier=component.supplier or supplier, licenses=component.licenses or licenses)

        return replace(
            catalog,
            authors=self.author,
            subject=said(catalog.subject),
            components=tuple(
                said(each) if each.name.startswith("data.") and _is_ours(each.ref) else each
                for each in catalog.components
            ),
        )

    def _licenses(self) -> tuple[License, ...]:
        if self.licensed is None:
            return ()
        from verifier.formats.bom.component import License  # noqa: PLC0415 - only where one is stated
        from verifier.formats.spdx.expression import is_expression, is_license_id  # noqa: PLC0415 - as above

        if not is_expression(self.licensed):
            message = f"{self.licensed!r:.200} is no expression of licences that SPDX lists"
            hint = "Write MIT, 'Apache-2.0 OR MIT', or LicenseRef-acme for one of your own."
            raise ConfigurationError(message, where="--license", hint=hint)
        form = "id" if is_license_id(self.licensed) else "expression"
        return (License(self.licensed, form, "declared"),)


def _is_ours(ref: str) -> bool:
    """Whether a component is a Rego package of the bundle."""
    return ref.startswith("rego:")
