"""Options that say what is asked of dependencies besides having no known vulnerability."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option

if TYPE_CHECKING:
    from verifier.audit.hygiene.rules import HygieneRules


class HygieneOptions(Group):
    """What is asked of how dependencies are pinned and where they come from: without an option, such faults warn."""

    panel = "Hygiene"
    require_hashes: bool = option(
        "--require-hashes", "Every package has one version, and a digest of each of its files.", default=False
    )
    allowed_index: tuple[str, ...] = option(
        "--allowed-index",
        "The URL of an index that may answer, and no other may; repeatable.",
        default=(),
        metavar="URL",
    )
    cool_down: str | None = option(
        "--cool-down",
        "How long a release must have been public: '7d', or a number of days.",
        default=None,
        metavar="TIME",
    )
    private: tuple[str, ...] = option(
        "--private", "Names that no public index may answer for: 'acme-*'; repeatable.", default=(), metavar="PATTERN"
    )

    def rules(self) -> HygieneRules:
        """What is asked; raises `ConfigurationError`, which names the option."""
        from verifier.audit.hygiene.rules import HygieneRules  # noqa: PLC0415 - once it is clear what is asked
        from verifier.core.errors import ConfigurationError  # noqa: PLC0415 - as above

        try:
            return HygieneRules(
                require_hashes=self.require_hashes,
                allowed_indexes=tuple(dict.fromkeys(self.allowed_index)),
                cool_down=self._cool_down(),
                private=tuple(dict.fromkeys(self.private)),
            )
        except ConfigurationError as error:
            flag = _FLAGS.get(error.where, error.where)
            raise ConfigurationError(error.message, where=flag, hint=error.hint) from None

    def _cool_down(self) -> timedelta | None:
        from verifier.cli.inputs import duration  # noqa: PLC0415 - only where a time is given

        if self.cool_down is None:
            return None
        days = self.cool_down.isascii() and self.cool_down.isdigit()
        return duration(f"{self.cool_down}d" if days else self.cool_down, where="--cool-down")


_FLAGS = {"private": "--private", "allowed_indexes": "--allowed-index", "cool_down": "--cool-down"}
