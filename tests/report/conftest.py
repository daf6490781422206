"""Fixtures of the report's tests."""

from collections.abc import Iterator

import pytest

from tests.report.browser import Browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """A browser for the tests of a file: while it is there, its event loop keeps others from running."""
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def browser(chrome: Browser) -> Browser:
    """The browser, with nothing noted yet."""
    chrome.errors.clear()
    chrome.requests.clear()
    return chrome
