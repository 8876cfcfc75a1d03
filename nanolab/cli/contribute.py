"""For contributors: `dev new`, `dev check`."""

from __future__ import annotations

import typer

app = typer.Typer(help="For contributors: add exercises, and let the course check itself.")
