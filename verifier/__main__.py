"""`python -m verifier` is `verify`."""

from verifier.cli.entry import run

if __name__ == "__main__":
    run()
