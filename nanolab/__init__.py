"""nanolab: rebuild a chat model, one small function at a time."""

__version__ = "0.1.0"
