"""Secrets in text: armoured private keys, keys in JSON, tokens that say by their prefix what they are.

* a private key's header counts only where a key follows it: policies and documents speak of headers
* a token's prefix counts only with as many characters as the issuer gives it, and not where it is all the same one
* whatever is searched for is searched for in time that grows with the text alone

Prefixes: what the issuers document for secret scanners; the list grows by a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from verifier.publish.leaks.sight import CREDENTIALS, PRIVATE_KEY, Sight
from verifier.secrets.rules import PLACEHOLDERS

_SPACE = rb"(?:[ +_]|%20|\\u0020)"
_HEADERS = rb"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Subject)[^\r\n\\]{0,200}"
_BETWEEN = rb"(?:[\s\"'`,+\\|>\-]|\\[nrt]|%0[AaDd]|&#1[03];|<br ?/?>|" + _HEADERS + rb")"
_ARMOUR: Final = re.compile(
    rb"-----?" + _SPACE + rb"?BEGIN" + _SPACE + rb"((?:[A-Z0-9]{1,12}" + _SPACE + rb"){0,4})PRIVATE" + _SPACE
    + rb"KEY(?:" + _SPACE + rb"BLOCK)?" + _SPACE + rb"?----" + _BETWEEN + rb"{0,400}[A-Za-z0-9+/]{40}"
)  # fmt: skip
_JSON_OBJECT: Final = re.compile(rb"\{[^{}]*\}")
_KEY_TYPE: Final = re.compile(rb"""["']?kty\\*["']?\s*:\s*\\*["']?(EC|RSA|OKP|oct|AKP)\b""")
_PRIVATE_PART: Final = re.compile(rb"""(?<![\w])["']?(?:d|priv)\\*["']?\s*:\s*\\*["']?[A-Za-z0-9_-]{20,}""")
_SHARED_PART: Final = re.compile(rb"""(?<![\w])["']?k\\*["']?\s*:\s*\\*["']?[A-Za-z0-9_-]{20,}""")
_YAML_BLOCK: Final = 2048
_WORD = rb"(?<![A-Za-z0-9_])"

_Token = tuple[bytes, re.Pattern[bytes], Sight]


def _token(prefix: bytes, rest: bytes, what: str, code: str = CREDENTIALS) -> _Token:
    return prefix, re.compile(_WORD + re.escape(prefix) + rest), Sight(code, what)


_TOKENS: Final[tuple[_Token, ...]] = (
    *(_token(b"gh%c_" % each, rb"[A-Za-z0-9]{30,}", "a GitHub token") for each in b"pousr"),
    _token(b"github_pat_", rb"[A-Za-z0-9_]{22,}", "a GitHub token"),
    *(
        _token(b"gl%s-" % each, rb"[A-Za-z0-9_.=-]{20,}", "a GitLab token")
        for each in (b"pat", b"dt", b"rt", b"cbt", b"ptt", b"ft", b"imt", b"agent", b"soat", b"oas", b"ffct")
    ),
    *(_token(b"xox%c" % each, rb"(?:\.xox[a-z])?-[A-Za-z0-9-]{10,}", "a Slack token") for each in b"abeoprs"),
    _token(b"xapp-", rb"\d-[A-Za-z0-9-]{10,}", "a Slack token"),
    _token(
        b"hooks.slack.com/", rb"(?:services|workflows)/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]{8,}", "a Slack webhook"
    ),
    *(_token(each, rb"[A-Z2-7]{16}(?![A-Za-z0-9])", "an AWS access key") for each in (b"AKIA", b"ASIA")),
    _token(b"AIza", rb"[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", "a Google API key"),
    _token(b"ya29.", rb"[A-Za-z0-9_-]{20,}", "a Google access token"),
    _token(b"GOCSPX-", rb"[A-Za-z0-9_-]{20,}", "a Google client secret"),
    _token(b"npm_", rb"[A-Za-z0-9]{36}", "an npm token"),
    _token(b"pypi-", rb"AgE[A-Za-z0-9_-]{32,}", "a PyPI token"),
    _token(b"rubygems_", rb"[a-f0-9]{48}", "a RubyGems token"),
    _token(b"dckr_", rb"(?:pat|oat)_[A-Za-z0-9_-]{20,}", "a Docker token"),
    *(_token(b"%ck_live_" % each, rb"[A-Za-z0-9]{16,}", "a Stripe key") for each in b"sr"),
    _token(b"whsec_", rb"[A-Za-z0-9+/=]{32,}", "a webhook's secret"),
    _token(b"SG.", rb"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}", "a SendGrid key"),
    _token(b"sk-ant-", rb"[A-Za-z0-9_-]{20,}", "an API key"),
    _token(b"sk-", rb"(?:proj-|svcacct-)?[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9_-]{10,}", "an API key"),
    _token(b"hf_", rb"[A-Za-z]{34}", "a Hugging Face token"),
    *(_token(b"do%c_v1_" % each, rb"[a-f0-9]{64}", "a DigitalOcean token") for each in b"opr"),
    *(_token(b"hv%c." % each, rb"[A-Za-z0-9_-]{24,}", "a Vault token") for each in b"sbr"),
    _token(b"shp", rb"(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "a Shopify token"),
    _token(b"dapi", rb"[a-f0-9]{32}(?![A-Za-z0-9])", "a Databricks token"),
    _token(b"dop_", rb"[A-Za-z0-9_]{32,}", "a token"),
    _token(b"tskey-", rb"[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{16,}", "a Tailscale key"),
    *(_token(each, rb"[A-Za-z0-9_]{32,}", "a Grafana token") for each in (b"glsa_", b"glc_")),
    _token(b"lin_api_", rb"[A-Za-z0-9]{32,}", "a Linear key"),
    _token(b"ops_eyJ", rb"[A-Za-z0-9_-]{100,}", "a 1Password token"),
    _token(b"AccountKey=", rb"[A-Za-z0-9+/]{80,}={0,2}", "an Azure storage key"),
    _token(b"SharedAccessKey=", rb"[A-Za-z0-9+/]{40,}={0,2}", "an Azure access key"),
    _token(b"AGE-SECRET-KEY-", rb"[0-9A-Z-]{50,}", "an age identity", PRIVATE_KEY),
    _token(b"AGE-PLUGIN-", rb"[0-9A-Z-]{20,}", "an age identity", PRIVATE_KEY),
    _token(b"PuTTY-User-Key-File-", rb"\d", "a PuTTY private key", PRIVATE_KEY),
    _token(b"RWRTY0Iy", rb"[A-Za-z0-9+/]{60,}", "a minisign private key", PRIVATE_KEY),
    _token(b"RWQAAEIy", rb"[A-Za-z0-9+/]{60,}", "a minisign private key", PRIVATE_KEY),
    _token(b"RWRCS", rb"[A-Za-z0-9+/]{100,}", "a signify private key", PRIVATE_KEY),
)


def _setting(name: bytes, value: bytes, what: str, code: str = CREDENTIALS) -> _Token:
    return name, re.compile(re.escape(name) + rb"""\\*["']?\s{0,8}[=:]\s{0,8}\\*["']?""" + value), Sight(code, what)


_SETTINGS: Final[tuple[_Token, ...]] = (
    _setting(b"aws_secret_access_key", rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])", "an AWS secret key"),
    _setting(b"AWS_SECRET_ACCESS_KEY", rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])", "an AWS secret key"),
    _setting(b"secretAccessKey", rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])", "an AWS secret key"),
    _setting(b"SecretAccessKey", rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])", "an AWS secret key"),
    _setting(b"_authToken", rb"[A-Za-z0-9_.=/+-]{16,}", "a registry's token"),
    _setting(b"PrivateKey", rb"[A-Za-z0-9+/]{43}=", "a WireGuard private key", PRIVATE_KEY),
    _setting(b"extraheader", rb"AUTHORIZATION:\s{1,4}\S{4,}", "a repository's credentials"),
    _setting(b"client-key-data", rb"[A-Za-z0-9+/]{40,}", "a kubeconfig's private key", PRIVATE_KEY),
)
_REPOSITORY: Final = re.compile(rb"\[core\][^\[]{0,2000}repositoryformatversion\s{0,8}=")
"""The configuration of a repository, whatever its folder is called: a bare one is called anything."""
_LOGIN: Final = re.compile(rb"\bmachine\s{1,8}\S{1,255}\s{1,8}login\s{1,8}\S{1,255}\s{1,8}password\s{1,8}\S")
_REGISTRY_LOGIN: Final = re.compile(rb"""auth\\*"\s*:\s*\\*"[A-Za-z0-9+/]{8,}={0,2}\\*\"""")
_URL_LOGIN: Final = re.compile(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:@\"'`<>{}$%*()\[\]\\|?#]{1,128}"
    rb":([^\s/:@\"'`<>{}$*()\[\]\\|?#]{6,256})@[A-Za-z0-9\[]"
)
_LEAST_VARIETY: Final = 6
"""Different characters behind a token's prefix: fewer are a placeholder."""


def sights_in_text(text: bytes) -> Iterator[Sight]:
    """What `text` holds: one sight of each kind, each with its line."""
    for match in _ARMOUR.finditer(text):
        label = b" ".join(re.findall(rb"[A-Z0-9]+", match[1].replace(b"%20", b" ").replace(b"\\u0020", b" ")))
        kind = f" ({label.decode()})" if label else ""
        yield _at(text, match.start(), Sight(PRIVATE_KEY, f"a private key in PEM{kind}"))
        break
    yield from _keys_in_json(text)
    for prefix, pattern, seen in (*_TOKENS, *_SETTINGS):
        if prefix not in text:
            continue
        for match in pattern.finditer(text):
            if not _is_placeholder(match[0], prefix):
                yield _at(text, match.start(), seen)
                break
    yield from _logins(text)


def _keys_in_json(text: bytes) -> Iterator[Sight]:
    if b"kty" not in text:
        return
    for match in _JSON_OBJECT.finditer(text):
        kind = _KEY_TYPE.search(match[0])
        if kind and (_PRIVATE_PART if kind[1] != b"oct" else _SHARED_PART).search(match[0]):
            yield _at(text, match.start(), Sight(PRIVATE_KEY, f"a private key as JWK ({kind[1].decode()})"))
            return
    for match in re.finditer(rb"(?m)^[ \t-]*kty:[ \t]*[\"']?(EC|RSA|OKP|oct|AKP)\b", text):
        block = text[max(match.start() - _YAML_BLOCK, 0) : match.end() + _YAML_BLOCK]
        if re.search(rb"(?m)^[ \t-]*(?:d|priv):[ \t]*[\"']?[A-Za-z0-9_-]{20,}", block):
            yield _at(text, match.start(), Sight(PRIVATE_KEY, "a private key as JWK in YAML"))
            return


def _logins(text: bytes) -> Iterator[Sight]:
    if b"repositoryformatversion" in text and (match := _REPOSITORY.search(text)):
        yield _at(text, match.start(), Sight("leak.version-control", "a repository's configuration"))
    if b"machine" in text and (match := _LOGIN.search(text)):
        yield _at(text, match.start(), Sight(CREDENTIALS, "a login as .netrc has it"))
    if b"auths" in text and (match := _REGISTRY_LOGIN.search(text)):
        yield _at(text, match.start(), Sight(CREDENTIALS, "a registry's login"))
    if b"://" in text:
        for match in _URL_LOGIN.finditer(text):
            if not PLACEHOLDERS.fullmatch(match[1]):
                yield _at(text, match.start(), Sight(CREDENTIALS, "a URL with a password"))
                return


def _is_placeholder(found: bytes, prefix: bytes) -> bool:
    """What documentation writes: `ghp_xxxx…`, AWS's own examples."""
    rest = found[len(prefix) :]
    return (len(rest) >= 16 and len(set(rest)) < _LEAST_VARIETY) or rest.endswith(b"EXAMPLE")


def _at(text: bytes, position: int, seen: Sight) -> Sight:
    return seen._replace(line=text.count(b"\n", 0, position) + 1)
