"""`python -m verifier` is `verify`."""

from __future__ import annotations

from verifier.cli.main import run

if __name__ == "__main__":
    run()
