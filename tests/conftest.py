"""Options and fixtures of every test in the repository."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--record-screens", action="store_true", help="Write the golden screens anew.")


@pytest.fixture
def record_screens(request):
    """Whether golden screens are to be written instead of compared."""
    return request.config.getoption("--record-screens")
