"""A service that speaks OSV's API (https://api.osv.dev, or a mirror of it), asked about many packages.

* it is asked for what it lists of each version **and** of each name: all of it is judged again here, by our own rules,
  and what would be a fix is judged by every record of the name. What it lists of a version and not of its name shows
  that an answer was not whole
* every id is fetched once, and is the record of that id; one that is about another package is not believed
* a record that is there and cannot be read is said by its id (`Answers.refused`), and its package is undecided
* a canary opens every run, and is part of every request of it
* a mirror need not have every ecosystem: where it shows no record of one, neither the canary nor another, its silence
  about that one says nothing
* anything else is `vulnerability.source-unavailable`, and every package that it concerns is unknown; what was found
  until then is kept: affected wins
* nothing is kept longer than one call of `ask`

Source: https://google.github.io/osv.dev/api/; formats/audit.md section 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from verifier.audit.answers import Answers
from verifier.audit.matching import Affected, is_live, judge, names
from verifier.audit.online.batches import Listed, Question, listed
from verifier.audit.online.canary import CANARY, Canary
from verifier.audit.online.client import WHOLE_S, JsonClient, unavailable
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field
from verifier.formats.audit.package import Package
from verifier.formats.json import strict_json
from verifier.formats.osv.ecosystems import full_name, osv_name_of
from verifier.formats.osv.reading import MAX_RECORD_BYTES, read_record
from verifier.formats.osv.record import Record
from verifier.net.access import Access
from verifier.net.retries import Pause

DEFAULT_URL: Final = "https://api.osv.dev"
MAX_RECORDS: Final = 50_000
"""Records that are fetched in one run."""


class Unreadable(Refused):
    """The record that was asked for is there, and is not sound."""


Fetched = Mapping[str, Record | Refused]
Pair = tuple[Question, Question]
"""What is listed of a version, and of its name."""


class OsvService(Value):
    """The service at `url`, which is asked with `access` and may take `whole_s` seconds for everything.

    `canary` is a package with a known vulnerability that it must know of; `pause` is how to wait between two attempts.
    """

    url: str = DEFAULT_URL
    access: Access = field(default=Access(), repr=False)
    whole_s: float = WHOLE_S
    canary: Canary = CANARY
    pause: Pause | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The service as a report names it: its URL, without what may be secret."""
        return shown(self.base)

    @property
    def base(self) -> str:
        """The URL that `/v1/…` stands behind; one that ends so already is taken for what it means."""
        return self.url.rstrip("/").removesuffix("/query").removesuffix("/v1").rstrip("/")

    def ask(self, packages: Sequence[Package], now: datetime) -> Answers:  # noqa: ARG002 - every source is asked so
        """Every record about the names of `packages`; raises nothing."""
        try:
            client = JsonClient(self.base, self.access, whole_s=self.whole_s, pause=self.pause)
        except Refused as refusal:
            return _nothing(packages, unavailable(self.name, refusal))
        except ConfigurationError as error:
            reason = Reason(code="vulnerability.source-unavailable", subject=self.name, message=str(error))
            return _nothing(packages, reason)
        try:
            return _Run(self, client).answers(packages)
        finally:
            client.close()


class _Run:
    """One run: what was asked, and what came of it."""

    def __init__(self, service: OsvService, client: JsonClient) -> None:
        self._service, self._client = service, client
        self._reasons: dict[Reason, None] = {}
        canary = service.canary
        self._canary = Package(
            ecosystem=canary.ecosystem, namespace=canary.namespace, name=canary.name, version=canary.version, purl=""
        )

    def answers(self, packages: Sequence[Package]) -> Answers:
        unknown = {each.purl: why for each in packages if (why := _unaskable(each))}
        asked = {each: _questions(each) for each in packages if each.purl not in unknown}
        canary = _questions(self._canary)
        questions = [question for pair in asked.values() for question in pair]
        found = listed(self._client, questions, canary)
        wanted = {self._service.canary.id: None}
        for question in questions:
            wanted.update(found.ids.get(question, {}))
        fetched = self._fetched(wanted)
        try:
            self._require_canary(found, canary, fetched)
        except Refused as refusal:
            return _nothing(packages, unavailable(self._service.name, refusal))
        records: dict[str, tuple[Record, ...]] = {}
        refused: dict[str, tuple[str, ...]] = {}
        for package, (exact, any_version) in asked.items():
            problem = _problem(found, exact, any_version, self._client.shown)
            ids = {**found.ids.get(any_version, {}), **found.ids.get(exact, {})}
            records[package.purl], unread, other = self._about(package, ids, fetched)
            if unread:
                refused[package.purl] = unread
            if problem := problem or other:
                self._reasons[unavailable(self._service.name, problem)] = None
                unknown[package.purl] = f"{self._service.name} did not answer, or not wholly"
        for purl, why in self._uncovered(asked, records).items():
            if purl not in unknown:
                unknown[purl] = why
                del records[purl]  # it is no part of an answer: another source may have a whole one
        return Answers(records=records, unknown=unknown, refused=refused, reasons=tuple(self._reasons))

    def _uncovered(self, asked: Iterable[Package], records: Mapping[str, tuple[Record, ...]]) -> dict[str, str]:
        """The packages of whose ecosystem a mirror may have nothing, by purl, and why."""
        if self._service.base == DEFAULT_URL:
            return {}
        packages, has = list(asked), {self._service.canary.ecosystem}
        has.update(each.ecosystem for each in packages if records[each.purl])
        why = f"{self._service.name} shows no record of its ecosystem at all (--service-canary names one that is there)"
        return {each.purl: why for each in packages if each.ecosystem not in has}

    def _fetched(self, ids: Iterable[str]) -> Fetched:
        """Each record, or how it was refused."""
        wanted = list(ids)
        fetched: dict[str, Record | Refused] = dict(self._client.each(self._record, wanted[:MAX_RECORDS]))
        message = f"not asked for: more than {MAX_RECORDS} records"
        fetched.update((each, refuse("input.too-large", self._client.shown, message)) for each in wanted[MAX_RECORDS:])
        return fetched

    def _record(self, identifier: str) -> Record:
        subject = self._client.shown
        answer = self._client.get(f"v1/vulns/{identifier}", max_bytes=MAX_RECORD_BYTES)
        tree = strict_json.loads(answer.body, subject=subject)
        said = tree.get("id") if isinstance(tree, dict) else None
        if said != identifier:
            what = f"the record {said[:100]!r}" if isinstance(said, str) else "something that is no record"
            raise refuse("input.unreachable", subject, f"asked for {identifier}, it answered with {what}")
        try:
            return read_record(tree, subject=identifier)
        except Refused as refusal:
            raise Unreadable(*refusal.reasons) from refusal

    def _require_canary(self, found: Listed, canary: Pair, fetched: Fetched) -> None:
        """`Refused` where the service does not say of the canary what is known of it."""
        said, subject = self._service.canary, self._client.shown
        for question in canary:
            if question in found.failed:
                raise found.failed[question]
            if said.id not in found.ids.get(question, {}):
                raise refuse("input.unreachable", subject, f"it does not list {said}, which must be found")
        record = fetched[said.id]
        if isinstance(record, Refused):
            raise record.again()
        about = names(record, self._canary) and is_live(record)
        if not about or not isinstance(judge(record, self._canary), Affected):
            raise refuse(
                "input.unreachable", subject, f"its record {said.id} does not say that {said.name} is affected"
            )

    def _about(
        self, package: Package, ids: Iterable[str], fetched: Fetched
    ) -> tuple[tuple[Record, ...], tuple[str, ...], Refused | None]:
        """The records about a package, the ids of those that cannot be read, and what else was wrong with them."""
        about, unread, problem = [], [], None
        for each in ids:
            record = fetched[each]
            if isinstance(record, Unreadable):
                unread.append(each)
            elif isinstance(record, Refused):
                problem = problem or record
            elif names(record, package):
                about.append(record)
            else:
                message = f"it lists {each} for {package.name}, which is about something else"
                problem = problem or refuse("input.unreachable", self._client.shown, message)
        return tuple(about), tuple(unread), problem


def _questions(package: Package) -> Pair:
    ecosystem = osv_name_of(package.ecosystem, package.namespace) + (f":{package.release}" if package.release else "")
    name = full_name(package.ecosystem, package.namespace, package.name)
    return Question(ecosystem, name, package.version), Question(ecosystem, name)


def _unaskable(package: Package) -> str:
    """Why OSV has no question for it; "" where it has."""
    if package.version is None:
        return "it has no version"
    if not osv_name_of(package.ecosystem, package.namespace):
        return f"OSV has no ecosystem for {package.ecosystem or 'what has none'}"
    return ""


def _problem(found: Listed, exact: Question, any_version: Question, subject: str) -> Refused | None:
    """What is wrong with the two answers about one package."""
    for question in (exact, any_version):
        if question in found.failed:
            return found.failed[question]
    beyond = [each for each in found.ids.get(exact, {}) if each not in found.ids.get(any_version, {})]
    if beyond:
        message = f"it lists {beyond[0]} for {exact.name} {exact.version}, and not for {exact.name}: a part is missing"
        return refuse("input.unreachable", subject, message)
    return None


def _nothing(packages: Sequence[Package], reason: Reason) -> Answers:
    why = f"{reason.subject} did not answer"
    return Answers(records={}, unknown={each.purl: why for each in packages}, reasons=(reason,))
