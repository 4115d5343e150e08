"""OPA's configuration: `keys`, `bundles.NAME.signing`, `discovery.signing`, and where bundles are (`services`).

* a bundle that is not signed there is denied here; there it is loaded
* the key of a bundle is the one that its `keyid` names; its kid is what signatures say
* neither a private key, nor a secret, nor anybody's credentials are copied, or repeated in a message

Source: OPA's documentation, "Configuration" (keys, services, bundles, discovery), `v1/keys`, `v1/bundle`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.core.value import replace
from verifier.formats.json.fields import Fields
from verifier.trust import vocabulary
from verifier.trust.importing.documents import beside
from verifier.trust.importing.draft import (
    MAX_ITEMS,
    Draft,
    Names,
    Party,
    Remark,
    Wanted,
    key_party,
    keys_in,
    quoted,
)
from verifier.trust.importing.policy_controller import UNORDERED

MEMBERS: Final = frozenset({"keys", "bundles", "bundle", "services", "discovery"})
"""Members of a configuration that are about bundles; it has others, which nobody is trusted by."""
_USUAL: Final = "RS256"
"""OPA's algorithm where a key names none."""
_IN_ENVIRONMENT: Final = "${"


def read(found: Sequence[Fields], *, source: str, folder: str) -> Draft:
    """The draft of a configuration; raises `Refused`, `ConfigurationError` where there is nothing to import."""
    if len(found) != 1:
        raise ConfigurationError("a configuration of OPA is one document", where=source)
    (top,) = found
    names = Names()
    keys = dict(_keys(top, names, folder))
    bundles = list(_bundles(top))
    if not bundles:
        raise ConfigurationError("there are no bundles in it", where=source)
    rules = tuple(_wanted(name, each, top, keys) for name, each in bundles)
    left = [each for each in top.value if each not in MEMBERS]
    remarks = [Remark(effect="not imported", where=each, message="it is not about whom to believe") for each in left]
    return Draft(source=source, rules=rules, remarks=tuple(remarks))


def _keys(top: Fields, names: Names, folder: str) -> Iterator[tuple[str, Party | Remark]]:
    found = top.optional_object("keys")
    for keyid in () if found is None else found.value:
        yield keyid, _key(found.object(keyid), keyid, names, folder) if found is not None else _missing(keyid)


def _key(key: Fields, keyid: str, names: Names, folder: str) -> Party | Remark:
    where = f"keys.{keyid}"
    algorithm = key.go_text("algorithm") or _USUAL
    if algorithm.startswith("HS"):
        message = "a shared secret: put it into a file, and give the signer `secret` and `algorithms`"
        return Remark(effect="not imported", where=where, message=message)
    text = key.go_text("key") or ""
    pems = keys_in(text)
    if _IN_ENVIRONMENT in text or not pems:
        message = "its key is in the environment, in a file, or none in PEM: write it to a file"
        return Remark(effect="not imported", where=where, message=message)
    if len(pems) > 1:
        return Remark(effect="not imported", where=where, message="it holds several keys")
    made = key_party(names.fresh(keyid), pems[0], where=where, folder=folder, algorithm=algorithm)
    if isinstance(made, Remark):
        return made
    return replace(made, lines=(*made.lines, f"kid = {quoted(keyid)}"), remarks=tuple(_of_key(key)))


def _of_key(key: Fields) -> Iterator[Remark]:
    if key.value.get("private_key") is not None:
        message = "a private key has no place in a trust policy, and is not copied"
        yield Remark(effect="not imported", where=key.at("private_key"), message=message)
    for where in beside(key, "key", "algorithm", "scope", "private_key"):
        yield Remark(effect="weaker", where=where, message="is not known here, and may demand something")


def _bundles(top: Fields) -> Iterator[tuple[str, Fields]]:
    found = top.optional_object("bundles")
    for name in () if found is None else list(found.value)[:MAX_ITEMS]:
        if found is not None:
            yield name, found.object(name)
    for name in ("bundle", "discovery"):
        single = top.optional_object(name)
        if single is not None:
            yield single.go_text("name") or name, single


def _missing(keyid: str) -> Remark:
    return Remark(effect="not imported", where=f"keys.{keyid}", message="there is no key of this id")


def _wanted(name: str, bundle: Fields, top: Fields, keys: dict[str, Party | Remark]) -> Wanted:
    signing = bundle.optional_object("signing")
    remarks = [*_of_bundle(bundle)]
    parties: tuple[Party, ...] = ()
    scope = None
    if signing is None:
        message = "it is loaded without a signature; here it is denied until somebody signs it"
        remarks.append(Remark(effect="stronger", where=bundle.at(""), message=message))
    else:
        keyid = signing.go_text("keyid") or ""
        made = keys.get(keyid) or _missing(keyid)
        parties = (made,) if isinstance(made, Party) else ()
        remarks += [made] if isinstance(made, Remark) else []
        remarks += _of_signing(signing)
        scope = signing.go_text("scope") or _scope_of_key(top, keyid)
    if not vocabulary.is_plain_name(name):
        raise ConfigurationError(f"{name!r:.200} is no name of a bundle here", where=bundle.at(""))
    binding = () if scope else ('name_binding = "none"  # what this key signed for another bundle passes as this one',)
    return Wanted(
        pattern=f"bundle:{name}",
        origin=bundle.at(""),
        parties=parties,
        signatures=(("scope", quoted(scope)),) if scope else (),
        lines=(*_place(bundle, top), *binding, UNORDERED),
        remarks=tuple(remarks),
    )


def _scope_of_key(top: Fields, keyid: str) -> str | None:
    found = top.optional_object("keys")
    key = None if found is None else found.optional_object(keyid)
    return None if key is None else key.go_text("scope")


def _of_signing(signing: Fields) -> Iterator[Remark]:
    if signing.value.get("exclude_files"):
        message = "files that no signature covers are denied here"
        yield Remark(effect="stronger", where=signing.at("exclude_files"), message=message)
    for where in beside(signing, "keyid", "scope", "exclude_files"):
        yield Remark(effect="weaker", where=where, message="is not known here, and may demand something")


def _of_bundle(bundle: Fields) -> Iterator[Remark]:
    message = 'bundles are read strictly here; `mode = "opa-compat"` reads them as OPA does'
    yield Remark(effect="stronger", where=bundle.at(""), message=message)
    known = (
        "service",
        "resource",
        "signing",
        "persist",
        "polling",
        "size_limit_bytes",
        "trigger",
        "name",
        "prefix",
        "decision",
    )
    for where in beside(bundle, *known):
        yield Remark(effect="not imported", where=where, message="it is not about whom to believe")


def _place(bundle: Fields, top: Fields) -> tuple[str, ...]:
    """Where the bundle is fetched from, where that holds no secret."""
    services = top.value.get("services")
    service = bundle.go_text("service")
    found = services.get(service) if isinstance(services, dict) and service is not None else None
    url = found.get("url") if isinstance(found, dict) else None
    resource = bundle.go_text("resource")
    if not isinstance(url, str) or resource is None or _IN_ENVIRONMENT in f"{url}{resource}":
        return ()
    whole = f"{url.rstrip('/')}/{resource.lstrip('/')}"
    if shown(whole) != whole:
        return ()
    try:
        return (f"resource_uri = {quoted(vocabulary.check_resource(whole))}",)
    except ValueError:
        return ()
