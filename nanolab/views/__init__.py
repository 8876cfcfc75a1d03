"""Drawing: each function takes values and returns a rich renderable; nothing here prints."""
