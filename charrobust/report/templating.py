"""What pages are made with: templates, their style and script, and a policy that lets in nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from charrobust.visible import visible


def environment() -> jinja2.Environment:
    """Return what templates are rendered in: nothing of the data becomes markup, and misspelt names are errors."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("charrobust.report", "templates"),
        autoescape=True,
        finalize=_visible,
        undefined=jinja2.StrictUndefined,  # a misspelt name is an error, and not an empty place on the page
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    """Return what is put on the page: texts without control characters, which could turn round what is beside them."""
    # Markup is made here, and whatever of the data is in it was looked through before.
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def asset(name: str) -> str:
    """Return a file that lies beside the templates."""
    return (files("charrobust.report") / "templates" / name).read_text(encoding="utf-8")


def policy(style: str, script: str, *, asks: bool = False) -> str:
    """Return a policy that lets nothing in but the page's own style and script.

    Both are named by their digests, so that markup which data might smuggle in could neither run nor load anything.

    Args:
        style: The style.
        script: The script.
        asks: Whether the script may ask where the page came from.

    Returns:
        The policy.
    """
    connect = "connect-src 'self'; " if asks else ""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        f"{connect}base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    # As the browser computes it: of the bytes between the tags, so that the template must add no blank there.
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
