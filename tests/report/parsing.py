"""Reading a page back."""

from __future__ import annotations

import base64
import gzip
import json
from html.parser import HTMLParser
from typing import Any

_ALONE = {"meta", "link", "input", "img", "br", "hr"}


def unpacked(text: str) -> Any:
    """Return the examples of a page."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


class Parsed(HTMLParser):
    """The elements, attributes and text of a page, whose tags must fit together."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _ALONE:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self.raw[f"{self._open[-1]}{len(self.raw)}"] = data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All text that is shown."""
        return "".join(self.texts)
