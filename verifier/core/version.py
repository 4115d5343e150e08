"""The version of this package; pyproject.toml reads it from here, so that asking for it costs no metadata look-up."""

VERSION = "0.1.0"
