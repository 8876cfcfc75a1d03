"""The crate, as Python sees it. `pip install ./rustbpe` builds it."""

import shutil
from importlib import metadata

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("cargo") is None, reason="Rust is not installed; get it from https://rustup.rs"
)


def test_the_module_knows_its_version():
    import rustbpe

    assert rustbpe.__version__ == metadata.version("rustbpe")


def test_the_module_is_compiled_and_not_the_folder_of_its_sources():
    import rustbpe

    assert rustbpe.__file__ is not None, "pip install ./rustbpe"
    assert rustbpe.__doc__.strip() == "Byte-pair encoding: train a tokenizer, and use it."
