"""A configuration from JSON: the fields of ``pbxsim.config``, nested as they are."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pbxsim.config import Config


class ConfigError(ValueError):
    """The JSON is not a configuration; the text names the place."""


def config(tree: Any) -> Config:
    """Return the configuration that *tree* (parsed JSON) describes.

    Raises:
        ConfigError: a key is unknown or missing, or a value is of the wrong kind.
    """
    built = _build(tree, Config, "config")
    if not isinstance(built, Config):
        raise ConfigError("config: not a table")
    return built


def _build(value: Any, kind: Any, at: str) -> Any:
    origin = get_origin(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _table(value, kind, at)
    if origin in {Union, types.UnionType}:
        some = next(each for each in get_args(kind) if each is not type(None))
        return None if value is None else _build(value, some, at)
    if origin is tuple:
        return _list(value, get_args(kind), at)
    return _plain(value, kind, at)


def _plain(value: Any, kind: Any, at: str) -> Any:
    if get_origin(kind) is Sequence:
        return _list(value, (*get_args(kind), ...), at)
    if get_origin(kind) is Literal:
        fits = value in get_args(kind)
    elif kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = type(value) is kind
    if not fits:
        raise ConfigError(f"{at}: {value!r} is not fit")
    return value


def _list(value: Any, kinds: tuple[Any, ...], at: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{at}: {value!r} is not a list")
    if kinds[-1] is Ellipsis:
        return tuple(_build(each, kinds[0], f"{at}[{place}]") for place, each in enumerate(value))
    if len(kinds) != len(value):
        raise ConfigError(f"{at}: {len(kinds)} values are wanted")
    return tuple(_build(each, kind, at) for each, kind in zip(value, kinds, strict=True))


def _table(value: Any, kind: type, at: str) -> Any:
    if not isinstance(value, dict):
        raise ConfigError(f"{at}: {value!r} is not a table")
    hints = get_type_hints(kind)
    names = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(set(value) - names):
        raise ConfigError(f"{at}: unknown key {unknown[0]!r}")
    built = {name: _build(each, hints[name], f"{at}.{name}") for name, each in value.items()}
    try:
        return kind(**built)
    except TypeError as error:
        raise ConfigError(f"{at}: {error}") from error
