"""URLs of PostgreSQL ledgers, without a server: what is shown of them, and what is said where the driver is missing."""

import sys

import pytest

from verifier.core.errors import ConfigurationError
from verifier.ledger import postgres
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.postgres.connection import read_url
from verifier.ledger.sqlite.url import ledger_path

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:hunter2@db.example:5433/verifier", "postgresql://ada@db.example:5433/verifier"),
        ("postgresql://db.example/verifier?password=hunter2&user=ada", "postgresql://ada@db.example/verifier"),
        ("postgresql://ada@%2Frun%2Fpg/verifier?sslpassword=hunter2", "postgresql://ada@%2Frun%2Fpg/verifier"),
        ("postgresql://a,b:5433/verifier?passfile=hunter2", "postgresql://a,b:5433/verifier"),
        ("postgresql://a,b/verifier?port=5433", "postgresql://a:5433,b:5433/verifier"),
        ("postgresql:///verifier?options=-c%20x.y%3Dhunter2", "postgresql:///verifier"),
        ("postgresql://%68unter/%20x%0a", "postgresql://hunter/%20x%0A"),
    ],
)
def test_nothing_but_user_host_port_and_database_is_shown(url, shown):
    place = read_url(url)
    assert place.url == shown
    assert SECRET not in repr(place)


@pytest.mark.parametrize("use", [open_ledger_url, create_ledger_url])
def test_a_missing_driver_is_said_and_the_url_is_not(use, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("verifier.ledger.postgres.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(postgres, "store", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match="needs psycopg") as caught:
        use("postgresql://ada:hunter2@db.example/verifier")
    assert SECRET not in str(caught.value)
    assert "policy-verifier[postgres]" in caught.value.hint


@pytest.mark.parametrize(
    ("scheme", "said"),
    [("postgresql", "lies in no file"), ("postgres", "is named postgresql:"), ("POSTGRES", "is named postgresql:")],
)
def test_it_is_no_file_and_is_not_repeated(scheme, said):
    with pytest.raises(ConfigurationError, match=said) as caught:
        ledger_path(f"{scheme}://ada:hunter2@[db.example/verifier")
    assert SECRET not in str(caught.value)
