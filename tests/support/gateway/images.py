"""A gateway that answers for images, which lie in places that count what they are asked for."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

from tests.support.gateway.scene import Answer, Running, Scene
from tests.support.images.judged import signed_statement
from tests.support.images.made import MemoryPlace
from tests.support.patience import PATIENCE_S
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.formats.gatekeeper.external_data import API_VERSION
from verifier.gateway.images.reference import Repositories
from verifier.gateway.serving import Surroundings
from verifier.gateway.settings.images import ImageSettings
from verifier.gateway.settings.settings import GatewaySettings
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import withdraw_digest
from verifier.ledger.sqlite.store import open_ledger
from verifier.sources.upstream import Access

DSSE = "application/vnd.dsse.envelope.v1+json"
REPOSITORY = "registry.acme.example/acme/app"
TAGGED = f"{REPOSITORY}:1.4.0"
POLICY = """\
version = 1
id = "https://example.org/policy"
[signers.p256]
key = "p256.pub"
[signers.p384]
key = "p384.pub"
[artifacts."image:*"]
scope = "each-name"
signatures = {{ from = ["p256"] }}
version = "none"
{rule}
"""


class HeldPlace(MemoryPlace):
    """A place whose answers wait until `gate` opens; `opened` counts how often somebody came to it."""

    def __init__(self, repository=REPOSITORY, tag="1.4.0") -> None:
        super().__init__(repository, tag)
        self.gate, self.reached = threading.Event(), threading.Event()
        self.gate.set()
        self.opened = self.closed = 0
        self.failing = ""

    def resolve(self):
        self.reached.set()
        assert self.gate.wait(PATIENCE_S)
        if self.failing:
            raise refuse(self.failing, self.uri, "the registry answered with status 500")
        return super().resolve()

    def come(self) -> HeldPlace:
        """Somebody opens it, and finds what its tag leads to now."""
        self.opened += 1
        self._resolved = None
        return self

    def close(self):
        self.closed += 1


def signed(place: HeldPlace, key="p256", label="1.4.0", **attached) -> str:
    """Put an image with a signature beside it; the digest that it has."""
    made = place.image([label.encode()], manifest={"annotations": {"label": label}})
    if key:
        place.refer(made, signed_statement(made, key, **attached).content, DSSE)
    place.pointing_at(made)
    return made["digest"]


class ImageScene(Scene):
    """A scene without bundles, with `places` by the reference that leads to each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.places: dict[str, HeldPlace] = {}
        self.opened: list[tuple[str, Access]] = []
        self.open_place = self._open

    def trust(self, rule="") -> None:
        (self.folder / "trust.toml").write_text(POLICY.format(rule=rule))

    def place(self, reference=TAGGED) -> HeldPlace:
        """An empty place that `reference` leads to."""
        repository = reference.partition("@")[0].removesuffix(":1.4.0")
        self.places[reference] = HeldPlace(repository)
        return self.places[reference]

    def images(self, **changes) -> ImageSettings:
        chosen = {
            "repositories": Repositories(names=(("registry.acme.example/acme/*", "*"),)),
            "access": Access(),
            "wait": timedelta(seconds=PATIENCE_S),
        }
        return ImageSettings(**(chosen | changes))

    def configured(self, *bundles, **changes) -> GatewaySettings:
        chosen = {"images": self.images()} | changes
        settings = super().configured(*(bundles or (self.bundle(),)), **chosen)
        return settings if bundles else replace(settings, bundles=())

    def around(self) -> Surroundings:
        return replace(super().around(), open_place=self.open_place)

    def _open(self, image, access, _):
        self.opened.append((str(image), access))
        place = self.places.get(str(image))
        if place is None:
            raise refuse("input.unreachable", str(image), "the registry answered with status 404")
        return place.come()

    def withdraw(self, digest: str, name="app") -> None:
        with open_ledger(self.ledger) as ledger:
            withdraw_digest(ledger, f"image:{name}", Digest.parse(digest), Circumstances(now=self.clock()))


def request(*keys) -> str:
    """A `ProviderRequest`."""
    return json.dumps({"apiVersion": API_VERSION, "kind": "ProviderRequest", "request": {"keys": list(keys)}})


def ask(gateway: Running, *keys: str, body=None, method="POST", content_type="application/json", **headers) -> Answer:
    """Ask as Gatekeeper does."""
    body = request(*keys) if body is None else body
    return gateway.ask("/v1beta1/validate", method, body, Content_Type=content_type, **headers)


def items(answer: Answer) -> dict[str, tuple[str, str]]:
    """The value and the error of each key."""
    return {each["key"]: (each["value"], each["error"]) for each in answer.json["response"]["items"]}


def system_error(answer: Answer) -> str:
    return answer.json["response"]["systemError"]
