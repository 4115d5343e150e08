"""Options that say what an SBOM has to be, besides true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.sbom.judging import Demands
    from verifier.sbom.licenses.rules import LicenseRules

_MAX_LICENSES = 4 * 1024 * 1024


class SbomDemands(Group):
    """What is demanded of a document; nothing of it is judged unless it is asked for."""

    panel = "What it has to be"
    quality: tuple[str, ...] = option(
        "--quality",
        "A profile of what it has to say: ntia, cisa-2025-draft, bsi-tr-03183-2, openchain-telco; repeatable.",
        default=(),
        metavar="NAME",
    )
    private: tuple[str, ...] = option(
        "--private",
        "Names that must come from your own index: 'acme-*=https://pypi.acme.example/simple'; repeatable.",
        default=(),
        metavar="PREFIX=INDEX",
    )
    licenses: Path | None = option("--licenses", "A file of the licences that are allowed (TOML).", default=None)
    pinned: bool = option("--pinned", "Every dependency has an exact version and a digest.", default=False)
    strict: bool = option("--strict", "What the document's tool cannot see counts as missing, too.", default=False)
    min_completeness: str | None = option(
        "--min-completeness", "The share of the contents, from 0 to 1, that it must list as they are.", default=None
    )

    def demands(self, *, against: bool) -> Demands:
        """All of it; raises `ConfigurationError`. Without an artifact to check `against`, nothing can be complete."""
        from verifier.sbom.judging import Demands  # noqa: PLC0415 - once it is clear what is asked

        for flag, given in (("--strict", self.strict), ("--min-completeness", self.min_completeness is not None)):
            if given and not against:
                raise ConfigurationError("has nothing to compare with", where=flag, hint="Give --against TARGET.")
        return Demands(
            matches=against,
            strict=self.strict,
            min_completeness=self._share(),
            quality=self._profiles(),
            licenses=self._licenses(),
            private=tuple(map(_private, self.private)),
            pins=self.pinned,
        )

    def _share(self) -> float | None:
        if self.min_completeness is None:
            return None
        try:
            share = float(self.min_completeness)
        except ValueError:
            share = -1.0
        if not 0 < share <= 1:
            raise ConfigurationError(
                f"must be above 0 and at most 1, not {self.min_completeness!r}", where="--min-completeness"
            )
        return share

    def _profiles(self) -> tuple[str, ...]:
        from verifier.formats.toml.table import nearest  # noqa: PLC0415 - only where a profile is named
        from verifier.trust.sections.sbom import QUALITIES  # noqa: PLC0415 - as above

        for each in self.quality:
            if each not in QUALITIES:
                raise ConfigurationError(
                    f"there is no profile {each!r}", where="--quality", hint=nearest(each, QUALITIES)
                )
        return tuple(dict.fromkeys(self.quality))

    def _licenses(self) -> LicenseRules | None:
        if self.licenses is None:
            return None
        from verifier.cli.inputs import read_key  # noqa: PLC0415 - only where there is a list
        from verifier.sbom.licenses.rules import read_license_rules  # noqa: PLC0415 - as above

        content = read_key(self.licenses, where="--licenses", limit=_MAX_LICENSES)
        return read_license_rules(content, where=str(self.licenses))


def _private(text: str) -> tuple[str, str]:
    from verifier.trust.sections.sbom import check_index, check_private  # noqa: PLC0415 - only where one is named

    pattern, _, index = text.partition("=")
    try:
        return check_private(pattern), check_index(index)
    except ValueError as error:
        raise ConfigurationError(f"{error}; expected PREFIX=INDEX", where="--private") from None
