"""Secrets of requests: taken from the environment when they are sent, and never shown or stored."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from charrobust.errors import UserError

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_TELLING = re.compile("auth|key|token|secret|cookie|password", re.IGNORECASE)
_SHORTEST = 6  # letters; what is shorter occurs by chance, and hiding it would damage answers


class Secrets:
    """The values of the environment variables that a request names."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """Look up all variables.

        Args:
            url: The address, with ``${NAME}`` for variables.
            headers: The headers, likewise.

        Raises:
            UserError: A variable is not set.
        """
        self._values = _environment([url, *headers.values()])
        self.url = self._filled(url)
        self.headers = {name: self._filled(value) for name, value in headers.items()}
        hidden = dict.fromkeys(self._values.values(), "")
        for name, value in headers.items():
            if _TELLING.search(name) and not _VARIABLE.search(value):
                # Of "Bearer abc", a server may repeat the last word alone.
                hidden |= dict.fromkeys((value, value.split()[-1] if value.split() else value), "")
        self._hidden = sorted((value for value in hidden if len(value) >= _SHORTEST), key=len, reverse=True)

    def hide(self, text: str) -> str:
        """Return a text in which no secret stands."""
        for value in self._hidden:
            text = text.replace(value, "***")
        return text

    def _filled(self, text: str) -> str:
        return _VARIABLE.sub(lambda match: self._values[match[1]], text)


def _environment(texts: Iterable[str]) -> dict[str, str]:
    """Return the variables that texts name, with their values.

    Raises:
        UserError: One is not set.
    """
    values = {}
    for text in texts:
        for name in _VARIABLE.findall(text):
            if not os.environ.get(name):
                raise UserError(f"the environment variable {name} is not set, which a request needs; export {name}=...")
            values[name] = os.environ[name].strip()
    return values
