"""Byte-pair encoding: train a tokenizer, and use it."""

__version__: str
"""The version of the crate."""
