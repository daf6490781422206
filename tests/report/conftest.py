"""Fixtures of the report's tests."""

from collections.abc import Iterator

import pytest

from tests.report.browser import Browser


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for all tests."""
    started = Browser(tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


@pytest.fixture
def browser(chrome: Browser) -> Browser:
    """The browser, with nothing noted yet."""
    chrome.errors.clear()
    chrome.requests.clear()
    return chrome
