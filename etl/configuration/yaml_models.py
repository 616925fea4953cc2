"""YAML files that users edit, read into models; a mistake is reported with its file, line and field."""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from etl.errors import ConfigError

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ConfigModel(BaseModel):
    """Base of all models of the configuration: frozen, and an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=ConfigModel)


def load_model(path: Path, model: type[Model]) -> Model:
    """One YAML mapping -> model. Raises ConfigError naming file, line and field."""
    node, value = _parse(path)
    if not isinstance(value, dict):
        raise ConfigError(f"{path}:1: expected fields (name: value), found {_kind(value)}")
    return _validate(path, node, (), value, model)


def load_models(path: Path, model: type[Model]) -> list[Model]:
    """One YAML list of mappings -> models. Raises ConfigError naming file, line and field."""
    node, value = _parse(path)
    if not isinstance(value, list):
        raise ConfigError(f"{path}:1: expected a list of items (- name: value), found {_kind(value)}")
    return [_validate(path, node, (index,), item, model) for index, item in enumerate(value)]


def _parse(path: Path) -> tuple[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, _loaded(text)
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


@lru_cache(maxsize=256)
def _loaded(text: str) -> Any:
    """Parsed once a process: what is validated is not changed. A run reads the same files with every step."""
    return yaml.load(text, Loader=_Loader)


def _validate(path: Path, text: str, prefix: tuple[int, ...], value: Any, model: type[Model]) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # A misspelt field is also a missing one: the misspelling is what the user can see.
        first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        where = tuple(part for part in first["loc"] if not str(part).startswith("_"))  # names of our classes
        line = line_of(text, (*prefix, *where))
        field = ".".join(str(part) for part in where) or "(the whole item)"
        raise ConfigError(f"{path}:{line}: field {field!r}: {_explain(first, model)}") from None


def _explain(error: Any, model: type[ConfigModel]) -> str:
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        near = difflib.get_close_matches(name, model.model_fields, n=1) if len(error["loc"]) == 1 else []
        return f"there is no such field; did you mean {near[0]!r}?" if near else "there is no such field; remove it"
    if error["type"] == "missing":
        return "is required and missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}, not {error['input']!r}"


def line_of(text: str, where: tuple[int | str, ...]) -> int:
    """The line of a field, from YAML's own node tree; of its nearest parent where the field is missing."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in where:
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
