"""What a configuration that does not validate says to a user: the key, the value, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import EnumType
from typing import Any, Final

import annotated_types
from pydantic import BaseModel, ValidationError

from core.errors import UserError
from core.training.augmentations import AUGMENTATIONS
from core.translation import mark, tr

_TEXTS: Final = {
    "channels": mark("auto, rgb, grey, or channel numbers from 0 such as 0,2,3"),
    "window": mark("auto, full, or low..high, one for all channels or one for each, such as 0..900,100..4000"),
}


def user_error(error: ValidationError, model: type[BaseModel], choices: Mapping[str, Sequence[str]]) -> UserError:
    """Return the first problem of `error` as a `UserError`.

    Parameters
    ----------
    choices
        The allowed values of fields whose type does not tell them.
    """
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if key not in model.model_fields:
        return UserError("config_key_unknown", key=key, known=", ".join(model.model_fields))
    if key == "strengths":
        return _strength_error(first["input"], first["loc"])
    if key in _TEXTS:
        return UserError("config_value_invalid", key=key, value=str(first["input"]), allowed=tr(_TEXTS[key]))
    allowed = _one_of(choices[key]) if key in choices else allowed_values(model, key)
    return UserError("config_value_invalid", key=key, value=str(first["input"]), allowed=allowed)


def allowed_values(model: type[BaseModel], key: str) -> str:
    """Say which values the field `key` takes, such as “a whole number from 1 to 20”."""
    field = model.model_fields[key]
    if isinstance(field.annotation, EnumType):
        return _one_of([str(item.value) for item in field.annotation])
    if field.annotation is bool:
        return tr("true or false")
    low, high, above = None, None, None
    for bound in field.metadata:
        match bound:
            case annotated_types.Ge(ge):
                low = ge
            case annotated_types.Gt(gt):
                above = gt
            case annotated_types.Le(le):
                high = le
    if field.annotation is int:
        return tr("a whole number from {low} to {high}", low=low, high=high)
    if above is not None:
        return tr("a number above {low}, up to {high}", low=above, high=high)
    return tr("a number from {low} to {high}", low=low, high=high)


def _one_of(values: Sequence[str]) -> str:
    return tr("one of {values}", values=", ".join(values))


def _strength_error(value: Any, location: Sequence[Any]) -> UserError:
    if len(location) > 1:
        value = {location[1]: value}
    if not isinstance(value, Mapping):
        return UserError("config_value_invalid", key="strengths", value=str(value), allowed=tr("a table of numbers"))
    for name, strength in value.items():
        spec = AUGMENTATIONS.get(str(name))
        if spec is None:
            return UserError("config_key_unknown", key=f"strengths.{name}", known=", ".join(AUGMENTATIONS))
        if not _within(strength, spec.maximum):
            allowed = tr("a number from {low} to {high}", low=0, high=f"{spec.maximum:g}")
            return UserError("config_value_invalid", key=f"strengths.{name}", value=str(strength), allowed=allowed)
    return UserError("config_value_invalid", key="strengths", value=str(value), allowed=tr("a table of numbers"))


def _within(value: Any, high: float) -> bool:
    try:
        return 0 <= float(value) <= high
    except (TypeError, ValueError):
        return False
