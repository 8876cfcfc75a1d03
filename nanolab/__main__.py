"""`python -m nanolab`."""
