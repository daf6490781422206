"""A headless Chromium, driven over a pipe: no further package is needed."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

# The child finds its two ends at the numbers 3 and 4, as --remote-debugging-pipe asks for.
_LAUNCHER = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe")
_KEYS = {"Enter": (13, "\r"), " ": (32, " "), "Tab": (9, "")}


def chromium() -> str:
    """Return the browser's path, or skip the test."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("there is no chromium here (Debian: apt-get install chromium)")
    return found


class Browser:
    """One page of a browser, and all that went wrong or out to the network in it."""

    def __init__(self, folder: Path) -> None:
        command_out, self._write = os.pipe()
        self._read, answer_in = os.pipe()
        launch = [sys.executable, "-c", _LAUNCHER, str(command_out), str(answer_in)]
        self._process = subprocess.Popen(
            [*launch, chromium(), *_OPTIONS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(command_out, answer_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_out)
        os.close(answer_in)
        self._pending, self._number, self._session = b"", 0, ""
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command of the DevTools protocol and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, path: Path, *, width: int = 1280, dark: bool = False, height: int = 900) -> None:
        """Open a file and wait until it is shown."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.send("Page.navigate", url=path.as_uri())
        deadline = time.monotonic() + 30
        while self.value("location.href + document.readyState") != path.as_uri() + "complete":
            assert time.monotonic() < deadline, "the page did not load"
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """Return what a piece of JavaScript gives."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def key(self, name: str) -> None:
        """Press and release a key."""
        code, text = _KEYS.get(name, (ord(name[0].upper()), name))
        for kind in ("keyDown", "keyUp"):
            shown = text if kind == "keyDown" else ""
            self.send("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code, text=shown)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Write a picture of the page."""
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        try:
            self.send("Browser.close")
            self._process.wait(10)
        except (subprocess.TimeoutExpired, AssertionError, OSError):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            assert select.select([self._read], [], [], 60)[0], "the browser does not answer"
            part = os.read(self._read, 1 << 20)
            assert part, "the browser ended"
            self._pending += part
        whole, self._pending = self._pending.split(b"\0", 1)
        message = json.loads(whole)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.errors.append(parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.errors.append(json.dumps(parameters["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.errors.append("a dialogue opened: " + parameters["message"])
