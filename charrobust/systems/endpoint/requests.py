"""From examples to the bodies of requests: placeholders, and what stands for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from charrobust.errors import UserError, hint
from charrobust.systems.endpoint.settings import EndpointSettings
from charrobust.tasks.base import Task
from charrobust.tasks.examples import Example

# {{text}} is the text "{text}"; braces around anything else, as in JSON, are no placeholders.
_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}|\{([a-z_]+)\}")
_TEXTS = ("text", "text_pair")
_COMMON = ("model", "labels", "count")  # what is the same whichever input is asked about
Values = Mapping[str, Any]


class Template:
    """Writes requests.

    Attributes:
        listed: Whether a request holds lists of inputs, and its answer a list.
    """

    def __init__(self, settings: EndpointSettings, task: type[Task], labels: Sequence[str]) -> None:
        """Take a template.

        Args:
            settings: The endpoint.
            task: The task of the examples.
            labels: What the endpoint calls the labels.

        Raises:
            UserError: A placeholder is not known or has nothing to stand for it, or no input is sent.
        """
        self._body, self._prompt, self._task = settings.request.body, settings.prompt, task
        self._common: dict[str, Any] = {"model": settings.model, "labels": list(labels)}
        names = set(_names(self._body))
        self._used = names | (set(_names(self._prompt)) if names & {"prompt", "prompts"} else set())
        single = {*_TEXTS, *task.text_names, "prompt"}
        if task.pretokenized:
            single.add("tokens")
        self._singular = {_plural(name): name for name in single}
        lists = set(self._singular)
        _check_names(names, single | lists | set(_COMMON), "[request.body]")
        _check_names(set(_names(self._prompt)), single - {"prompt"} | set(_COMMON), "prompt")
        self.listed = bool(names & lists)
        _check_inputs(names & single, names & lists, settings.batch)
        _check_filled(self._used, self._common)
        if names & {"prompt", "prompts"} and not self._prompt:
            raise UserError("[request.body] has a placeholder for a prompt, and there is no `prompt`; add one")

    def values_of(self, example: Example) -> Values:
        """Return what stands for the placeholders of one input.

        Args:
            example: The example.

        Returns:
            Values by the name of their placeholder.

        Raises:
            UserError: The request leaves out a text of the example, or asks for one that it does not have.
        """
        texts = (" ".join(example.texts),) if self._task.pretokenized else example.texts
        values: dict[str, Any] = dict(zip(_TEXTS, texts, strict=False))
        values |= zip(self._task.text_names, texts, strict=False)
        if self._task.pretokenized:
            values["tokens"] = list(example.texts)
        self._check_texts(values, len(texts))
        if self._prompt:
            values["prompt"] = _with_values(self._prompt, values | self._common | {"count": 1})
        return values

    def body(self, inputs: Sequence[Values]) -> Any:
        """Return the body of a request.

        Args:
            inputs: The values of its inputs; one alone where a request holds no lists.

        Returns:
            The body, as JSON has it.
        """
        values: dict[str, Any] = {**self._common, "count": len(inputs)}
        if not self.listed:
            return _filled(self._body, {**inputs[0], **values})
        for name in inputs[0]:
            values[_plural(name)] = [each[name] for each in inputs]
        return _filled(self._body, values)

    def _check_texts(self, values: Values, count: int) -> None:
        """Refuse a request that leaves out a text, for which the answer would be to another question.

        Raises:
            UserError: With the placeholder.
        """
        used = {self._singular.get(name, name) for name in self._used}
        missing = used & {*_TEXTS, *self._task.text_names, "tokens"} - values.keys()
        if missing:
            raise UserError(f"the request has {{{min(missing)}}}, which examples lack; they have: {_listed(values)}")
        names = [_TEXTS[:count], self._task.text_names[:count]]
        for number in range(count):
            of_text = {group[number] for group in names if number < len(group)}
            if self._task.pretokenized:
                of_text.add("tokens")
            if not used & of_text:
                raise UserError(
                    f"the request leaves out a text of the examples; put {{{sorted(of_text)[-1]}}} into it, or into "
                    "its prompt"
                )


def _plural(name: str) -> str:
    """Return the placeholder for the values of several inputs."""
    return "token_lists" if name == "tokens" else f"{name}s"


def texts_in(body: Any) -> Iterator[str]:
    """Go through the texts of a body, keys left out."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping | list):
        for part in body.values() if isinstance(body, Mapping) else body:
            yield from texts_in(part)


def _names(body: Any) -> Iterator[str]:
    """Go through the placeholders of a template."""
    for text in texts_in(body):
        for match in _PLACEHOLDER.finditer(text):
            if match[2]:
                yield match[2]


def _filled(part: Any, values: Values) -> Any:
    """Return a part of a template with values for placeholders."""
    if isinstance(part, Mapping):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    whole = _PLACEHOLDER.fullmatch(part)
    # A placeholder alone keeps its type: a list stays one.
    return values[whole[2]] if whole is not None and whole[2] else _with_values(part, values)


def _with_values(text: str, values: Values) -> str:
    """Return a text with values for placeholders, in one pass: what a value holds is not looked at again."""

    def value(match: re.Match[str]) -> str:
        return f"{{{match[1]}}}" if match[1] else _as_text(match[2], values[match[2]])

    return _PLACEHOLDER.sub(value, text)


def _as_text(name: str, value: Any) -> str:
    """Return a value as it stands within a text."""
    if name == "labels":
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_names(names: set[str], known: set[str], where: str) -> None:
    """Refuse placeholders that nothing stands for.

    Raises:
        UserError: With the closest that is known.
    """
    for name in sorted(names - known):
        raise UserError(
            f"{where} has the unknown placeholder {{{name}}}; {hint(name, known)}; for braces in "
            f"a text write {{{{{name}}}}}"
        )


def _check_inputs(single: set[str], lists: set[str], batch: int) -> None:
    """Refuse requests that send no input, or more inputs than places for them.

    Raises:
        UserError: With the remedy.
    """
    if not single | lists:
        raise UserError('[request.body] holds no input; put a placeholder into it, such as "{text}" or "{prompt}"')
    if single and lists:
        raise UserError(
            f"[request.body] has {{{min(single)}}} for one input and {{{min(lists)}}} for several; use one kind alone"
        )
    if batch > 1 and not lists:
        raise UserError(f'`batch` is {batch}, and [request.body] has no list of inputs; write one as "{{texts}}"')


def _check_filled(used: set[str], common: Values) -> None:
    """Refuse placeholders of what is not known.

    Raises:
        UserError: With the remedy.
    """
    if "model" in used and not common["model"]:
        raise UserError(
            "the request needs the name of a model; put it behind the address, as https://HOST/PATH#MODEL, or add "
            "`model` to the TOML file"
        )
    if "labels" in used and not common["labels"]:
        raise UserError("the request needs {labels}, and the data tell none; name them in [answer.labels]")


def _listed(values: Values) -> str:
    return ", ".join(f"{{{name}}}" for name in values)
