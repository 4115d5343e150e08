"""Credentials that scanners do not know by their form: as Docker, npm, pip, netrc, DSNs and ini files keep them.

* a rule says where it begins (a literal, found at the speed of memory) and what must follow there: time grows with the
  length of what is searched alone
* what documentation writes in the place of a secret, and what a shell or a template fills in, is none
* what is found is handed on as the span of the secret, for whoever makes a fingerprint of it, and never as a text

Source: docker `config.json`, npm `.npmrc`, pip `pip.conf`, GNU inetutils `.netrc`, libpq, RFC 3986 3.2.1.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

LONGEST: Final = 4_096
"""Bytes that a rule looks at from where it begins: windows of a file overlap by as many."""
MAX_OF_A_WINDOW: Final = 100

PLACEHOLDERS: Final = re.compile(
    rb"(?i)(?:my|your|the|some|a|test|user|db)?[-_]?(?:pass(?:word|wd)?|pwd|secret|token|example|changeme|redacted|hidden|placeholder)\d?"
    rb"|(.)\1*|\.+|[*xX#]+"
)
"""What documentation writes in the place of a secret."""
_WORDS: Final = re.compile(
    rb"(?i)pass:insta|true|false|yes|no|none|null|nil|on|off|required|optional|sufficient|prompt|ask|[A-Z_]+"
)
"""What settings say instead; `pass:insta` is in everybody's openssl.cnf."""
_FILLED_IN: Final = re.compile(rb"[$<{%@]|/(?:run|etc|var|opt|usr|home|mnt|tmp|proc|dev)/|\.{1,2}/|file:")
"""What begins so is put there later, or is the path of a file."""


class Hit(NamedTuple):
    """What a rule found: where the secret begins, and the secret, of which nobody keeps more than a fingerprint."""

    rule: str
    start: int
    secret: bytes


class _Rule(NamedTuple):
    name: str
    literals: tuple[bytes, ...]
    follows: re.Pattern[bytes]
    is_secret: Callable[[bytes], bool]


def is_placeholder(value: bytes) -> bool:
    """Whether a value stands for a secret that is elsewhere, or for none."""
    plain = value.strip(b"\"'\\")
    if len(plain) < 3 or _FILLED_IN.match(plain) or PLACEHOLDERS.fullmatch(plain):
        return True
    return plain.endswith(b"EXAMPLE") or b"EXAMPLEKEY" in plain or (plain.isalpha() and bool(_UPPER.fullmatch(plain)))


_UPPER: Final = re.compile(rb"[A-Z]+")


def _is_value(value: bytes) -> bool:
    return not is_placeholder(value)


def _is_login(value: bytes) -> bool:
    """`user:password` in base64, as Docker and npm have it."""
    try:
        plain = binascii.a2b_base64(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return False
    user, colon, password = plain.partition(b":")
    shown = all(0x20 <= each < 0x7F for each in plain)
    return bool(user and colon) and shown and not is_placeholder(password.rstrip(b"\0"))


_QUOTE: Final = rb"""\\{0,4}["']"""
_RULES: Final = (
    _Rule(
        "docker-login",
        (b'"auth"',),
        re.compile(rb"\"auth\"\s{0,64}:\s{0,64}\"([A-Za-z0-9+/]{8,2048}={0,2})\""),
        _is_login,
    ),
    _Rule(
        "docker-token",
        (b'"identitytoken"', b'"registrytoken"'),
        re.compile(rb"\"(?:identity|registry)token\"\s{0,64}:\s{0,64}\"([^\s\"\\]{8,4000})"),
        _is_value,
    ),
    _Rule(
        "npm-credential",
        (b":_auth", b":_password"),
        re.compile(rb":_(?:authToken|password|auth)\s{0,8}=\s{0,8}[\"']?([^\s\"'\\]{6,2048})"),
        _is_value,
    ),
    _Rule(
        "netrc-password",
        (b"machine",),
        re.compile(
            rb"machine\s{1,8}[\w.:-]{1,255}\s{1,8}(?:(?:login|account)\s{1,8}\S{1,255}\s{1,8}){1,2}"
            rb"password\s{1,8}(\S{3,256})"
        ),
        _is_value,
    ),
    _Rule(
        "aws-secret-key",
        (b"ecret_access_key", b"SECRET_ACCESS_KEY", b"ecretAccessKey"),
        re.compile(
            rb"[A-Za-z_]{14,17}(?:%s)?\s{0,8}[=:]\s{0,8}(?:%s)?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])" % (_QUOTE, _QUOTE)
        ),
        _is_value,
    ),
)

_LOGIN: Final = re.compile(
    rb"://[^\s/:@\"'`<>{}$%*()\[\]\\|?#]{0,128}:([^\s/:@\"'`<>{}$*()\[\]\\|?#]{3,256})@([A-Za-z0-9\[][\w.-]{0,252})"
)
_SCHEME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,30}\Z")
_DATABASES: Final = (
    *(b"postgres", b"mysql", b"mariadb", b"mongodb", b"redis", b"rediss", b"amqp", b"mssql", b"sqlserver", b"oracle"),
    *(b"cockroachdb", b"clickhouse", b"jdbc", b"ldap", b"smtp", b"ftp", b"sftp", b"couchbase", b"cassandra", b"kafka"),
)
_DOCUMENTED: Final = re.compile(
    rb"(?i)(?:[\w.-]*\.)?(?:example|domain|somewhere|foo)(?:\.(?:com|org|net|edu))|(?:[\w.-]*\.)?(?:invalid|localhost|test)"
    rb"|(?:example|host|hostname|server|domain|foo|bar)\d?"
)
"""Hosts that documentation has."""

_SETTINGS_FILE: Final = re.compile(
    r"(?i).*\.(?:ini|cfg|cnf|conf|env|properties)|\.env(?:\.[\w-]+)?|\.pypirc|\.s3cfg|\.boto|\.netrc|_netrc|\.npmrc|credentials"
)
_SETTING: Final = re.compile(
    rb"(?im)^[ \t]{0,32}(?:export[ \t]{1,8})?[\w.-]{0,64}(?:password|passwd|passphrase|secret|secret[_-]?key"
    rb"|api[_-]?key|auth[_-]?token|access[_-]?token|private[_-]?token)"
    rb"[ \t]{0,8}=[ \t]{0,8}[\"']?(?P<secret>[^\s\"'#;]{4,256})"
)
_PGPASS: Final = re.compile(rb"(?m)^[^#:\s][^:\n]{0,255}:[^:\n]{0,16}:[^:\n]{0,128}:[^:\n]{1,128}:([^\n]{3,256})$")


def search(text: bytes, path: str) -> Iterator[Hit]:
    """What stands in a piece of the file at `path`; at most so many."""
    for count, hit in enumerate(_search(text, path.rpartition("/")[2])):
        if count == MAX_OF_A_WINDOW:
            return
        yield hit


def _search(text: bytes, name: str) -> Iterator[Hit]:
    for rule in _RULES:
        yield from _by_literals(rule, text)
    yield from _urls(text)
    if _SETTINGS_FILE.fullmatch(name):
        for match in _SETTING.finditer(text):
            if not (is_placeholder(match["secret"]) or _WORDS.fullmatch(match["secret"])):
                yield Hit("settings-password", match.start("secret"), match["secret"])
    elif name in {".pgpass", "pgpass.conf"}:
        for match in _PGPASS.finditer(text):
            if not is_placeholder(match[1]):
                yield Hit("pgpass-password", match.start(1), match[1])


def _by_literals(rule: _Rule, text: bytes) -> Iterator[Hit]:
    for literal in rule.literals:
        for position in _places(text, literal):
            match = rule.follows.match(text, position)
            if match is not None and rule.is_secret(match[1]):
                yield Hit(rule.name, match.start(1), match[1])


def _urls(text: bytes) -> Iterator[Hit]:
    """Passwords in URLs, called by what they are for."""
    for position in _places(text, b"://"):
        match = _LOGIN.match(text, position)
        if match is None or is_placeholder(match[1]) or _DOCUMENTED.fullmatch(match[2]):
            continue
        scheme = _SCHEME.search(text[max(position - 32, 0) : position])
        if scheme is not None:
            yield Hit(_called(scheme[0].lower(), text, position), match.start(1), match[1])


def _called(scheme: bytes, text: bytes, position: int) -> str:
    if scheme.partition(b"+")[0].startswith(_DATABASES):
        return "dsn-password"
    line = text[text.rfind(b"\n", max(position - 200, 0), position) + 1 : position]
    return "pip-password" if b"index-url" in line or b"INDEX_URL" in line else "url-password"


def _places(text: bytes, literal: bytes) -> Iterator[int]:
    position = text.find(literal)
    while position >= 0:
        yield position
        position = text.find(literal, position + 1)
