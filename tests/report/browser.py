"""A headless Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

PHONE = 600  # narrower windows are those of phones


def chromium() -> str:
    """Return the browser's path, or skip the test."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("there is no chromium here (Debian: apt-get install chromium)")
    return found


class Browser:
    """One page of a browser, and all that went wrong or out to the network in it."""

    def __init__(self) -> None:
        path = chromium()
        self._playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page: Any = None

    def open(
        self, path: Path | str, *, width: int = 1280, dark: bool = False, height: int = 900, script: bool = True
    ) -> None:
        """Open a file, or an address of one, in a window of its own and wait until it is shown."""
        self._leave()
        self.page = self._chromium.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            is_mobile=width < PHONE,
            java_script_enabled=script,
            accept_downloads=True,
        )
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path if isinstance(path, str) else path.as_uri())
        if script:
            self._wait()

    def again(self) -> None:
        """Load the page again, as it was left."""
        self.page.reload()
        self._wait()

    def value(self, expression: str) -> Any:
        """Return what a piece of JavaScript gives."""
        return self.page.evaluate(expression)

    def key(self, name: str) -> None:
        """Press and release a key."""
        self.page.keyboard.press("Space" if name == " " else name)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Write a picture of the page."""
        self.page.screenshot(path=path, full_page=whole)

    def close(self) -> None:
        """End the browser."""
        self._chromium.close()
        self._playwright.stop()

    def _wait(self) -> None:
        # Examples are unpacked after the page is loaded.
        self.page.wait_for_function("!document.getElementById('cards') || 'ready' in document.documentElement.dataset")

    def _leave(self) -> None:
        if self.page is not None:
            self.page.close()
