"""Reads the YAML files that users edit into models, and reports mistakes with their file, line and field."""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from etl.errors import ConfigError

_MAX_DEPTH = 200


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML; a key that occurs twice in a mapping is an error, of which the first would be lost silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping. Raises MarkedYAMLError for a key that occurs twice."""
        keys: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the field {key.value!r} occurs twice", key.start_mark
                    )
                keys.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


class ConfigModel(BaseModel):
    """Base class of all models of the configuration. They are immutable, and unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=ConfigModel)


def load_model(path: Path, model: type[Model]) -> Model:
    """Read a YAML mapping as a model. Raises ConfigError, which names file, line and field."""
    text, value = _parse(path)
    if not isinstance(value, dict):
        raise ConfigError(f"{path}:1: expected fields (name: value), found {_kind(value)}")
    return _validate(path, text, (), value, model)


def load_models(path: Path, model: type[Model]) -> list[Model]:
    """Read a YAML list of mappings as models. Raises ConfigError, which names file, line and field."""
    text, value = _parse(path)
    if not isinstance(value, list):
        raise ConfigError(f"{path}:1: expected a list of items (- name: value), found {_kind(value)}")
    return [_validate(path, text, (index,), item, model) for index, item in enumerate(value)]


def checked_value(model: type[ConfigModel], field: str, value: Any, origin: str) -> Any:
    """Check the value of one field that comes from elsewhere than a file: `origin`. All other fields need defaults.
    Raises ConfigError."""
    try:
        return getattr(model.model_validate({field: value}), field)
    except ValidationError as error:
        raise ConfigError(f"{origin}: {_explain(error.errors()[0], model)}") from None


def _parse(path: Path) -> tuple[str, Any]:
    """Return the text of a YAML file and its value."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        _refuse_deep_nesting(path, text)
        return text, _load_yaml(text)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None


def _refuse_deep_nesting(path: Path, text: str) -> None:
    """Raise ConfigError for deeply nested YAML, in which the loader, which recurses, overflows the stack.

    The exact depth is only counted where brackets, dashes or spaces look like it: counting takes as long as loading.
    """
    depth = 0
    for line in text.splitlines():
        depth = max(0, depth + line.count("[") + line.count("{") - line.count("]") - line.count("}"))
        if max(depth, line.count("- "), len(line) - len(line.lstrip(" "))) > _MAX_DEPTH:
            break
    else:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            number = event.start_mark.line + 1 if event.start_mark else 1
            raise ConfigError(f"{path}:{number}: nested too deeply")


@lru_cache(maxsize=256)
def _load_yaml(text: str) -> Any:
    """Parse YAML. The value is cached, because a run reads the same files in every step; it must not be changed."""
    return yaml.load(text, Loader=_Loader)


def _validate(path: Path, text: str, prefix: tuple[int, ...], value: Any, model: type[Model]) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # If a required field is misspelt there are two errors, unknown and missing. The unknown field is reported.
        first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        field_path = tuple(part for part in first["loc"] if not str(part).startswith("_"))  # without class names
        line = line_of(text, (*prefix, *field_path))
        field = ".".join(str(part) for part in field_path) or "(the whole item)"
        raise ConfigError(f"{path}:{line}: field {field!r}: {_explain(first, model)}") from None


def _explain(error: Any, model: type[ConfigModel]) -> str:
    """Return the message for one error of pydantic."""
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        similar = difflib.get_close_matches(name, model.model_fields, n=1) if len(error["loc"]) == 1 else []
        return (
            f"there is no such field; did you mean {similar[0]!r}?" if similar else "there is no such field; remove it"
        )
    if error["type"] == "missing":
        return "is required and missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}, not {error['input']!r}"


def line_of(text: str, field_path: tuple[int | str, ...]) -> int:
    """Return the line number of a field in YAML text, or of its nearest parent if the field is missing.

    `field_path` holds the names of fields and the indexes of list items on the way to the field.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in field_path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _kind(value: Any) -> str:
    return {list: "a list", str: "plain text", type(None): "nothing"}.get(type(value), type(value).__name__)
