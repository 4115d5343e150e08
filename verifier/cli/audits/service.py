"""Options for asking a service, an index or a resolver: without any of them, no socket is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option, refuse_without
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.audit.answers import AdvisorySource
    from verifier.audit.online.canary import Canary
    from verifier.audit.online.index import IndexService
    from verifier.audit.online.prepared import Online
    from verifier.audit.online.resolving import Resolver


class ServiceOptions(Group):
    """Who is asked over the network."""

    panel = "Online"
    service: str | None = option(
        "--service", "Ask a service: pypi (by pip-audit), or osv.", default=None, metavar="pypi|osv"
    )
    service_url: str | None = option(
        "--service-url", "Where OSV's API is, if not at https://api.osv.dev.", default=None, metavar="URL"
    )
    service_canary: str | None = option(
        "--service-canary",
        "A record that the service must know (default: pkg:pypi/jinja2@2.10=PYSEC-2019-217).",
        default=None,
        metavar="PURL=ID",
    )
    index_url: str | None = option(
        "--index-url",
        "Ask this index what is yanked, in quarantine, new or missing; --resolve takes packages from it.",
        default=None,
        metavar="URL",
    )
    resolve: bool = option(
        "--resolve", "Have pip-audit resolve what is not pinned, for this machine, from wheels.", default=False
    )
    service_timeout: str | None = option(
        "--service-timeout",
        "How long everything that is asked of one of them may take (default: 5m).",
        default=None,
        metavar="TIME",
    )

    def online(self) -> Online | None:
        """Whom to ask, None for nobody; raises `ConfigurationError`."""
        if self.service not in (None, "pypi", "osv"):
            message = f"there is no service {self.service[:80]!r}, expected pypi or osv"
            raise ConfigurationError(message, where="--service")
        if self.service != "osv":
            refuse_without("--service osv", {"--service-url": self.service_url})
        if self.service is None:
            refuse_without("--service", {"--service-canary": self.service_canary})
        if self.service is None and self.index_url is None and not self.resolve:
            refuse_without("--service, --index-url or --resolve", {"--service-timeout": self.service_timeout})
            return None
        from verifier.audit.online.prepared import Online  # noqa: PLC0415 - only where somebody is asked

        return Online(service=self._service(), index=self._index(), resolver=self._resolver())

    def said(self) -> Mapping[str, str | bool | None]:
        """What was asked, for the digest of an audit's settings: nothing where nobody is asked."""
        said = {
            "service": self.service,
            "serviceUrl": self.service_url,
            "serviceCanary": self.service_canary,
            "indexUrl": self.index_url,
            "resolve": self.resolve,
        }
        return {name: value for name, value in said.items() if value}

    def _service(self) -> AdvisorySource | None:
        if self.service is None:
            return None
        if self.service == "pypi":
            from verifier.audit.online.pypi import PypiService  # noqa: PLC0415 - only where somebody is asked
            from verifier.cli.audits.reached import pip_audit  # noqa: PLC0415 - as above

            return PypiService(pip_audit=pip_audit("--service pypi"), whole_s=self._whole_s(), canary=self._canary())
        from verifier.audit.online.osv import DEFAULT_URL, OsvService  # noqa: PLC0415 - as above
        from verifier.cli.audits.reached import access  # noqa: PLC0415 - as above

        url = self.service_url or DEFAULT_URL
        return OsvService(url=url, access=access(), whole_s=self._whole_s(), canary=self._canary())

    def _index(self) -> IndexService | None:
        if self.index_url is None:
            return None
        from verifier.audit.online.index import IndexService  # noqa: PLC0415 - only where somebody is asked
        from verifier.cli.audits.reached import access  # noqa: PLC0415 - as above

        return IndexService(url=self.index_url, access=access(), whole_s=self._whole_s())

    def _resolver(self) -> Resolver | None:
        if not self.resolve:
            return None
        from verifier.audit.online.resolving import INDEX, Resolver  # noqa: PLC0415 - only where it is asked for
        from verifier.cli.audits.reached import pip_audit  # noqa: PLC0415 - as above

        return Resolver(pip_audit=pip_audit("--resolve"), index=self.index_url or INDEX, whole_s=self._whole_s())

    def _canary(self) -> Canary:
        from verifier.audit.online.canary import CANARY, parse_canary  # noqa: PLC0415 - only where somebody is asked

        return CANARY if self.service_canary is None else parse_canary(self.service_canary, where="--service-canary")

    def _whole_s(self) -> float:
        from verifier.cli.audits.reached import whole_s  # noqa: PLC0415 - only where somebody is asked

        return whole_s(self.service_timeout, where="--service-timeout")
