"""The settings of an option model as forms and the API ask for them, and as a run keeps them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput

from .model import BOUNDS, OptionModel, VolatilityBy

CODE = "option_model_invalid"


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """One setting; `words` is what a form calls it, `help` what it means. Numbers have bounds."""

    name: str
    words: str
    help: str
    kind: type
    default: Any
    minimum: float | None = None
    maximum: float | None = None


def _number(name: str, words: str, text: str, kind: type = float) -> ModelSetting:
    return ModelSetting(name, words, text, kind, getattr(_USUAL, name), *BOUNDS[name])


_USUAL = OptionModel()
MODEL_SETTINGS: tuple[ModelSetting, ...] = (
    ModelSetting(
        "by",
        "Volatility from",
        "realised: what the underlying moved in the last sessions, times the mark-up; constant: always the same; "
        "index: a volatility index",
        VolatilityBy,
        _USUAL.by.value,
    ),
    _number("volatility", "Volatility", "a year, as a fraction: of constant, and where the others know nothing"),
    _number("markup", "Mark-up", "what options cost more than what the underlying moved, as a multiple"),
    _number("sessions", "Sessions looked back", "of realised", int),
    ModelSetting("index", "Volatility index", "key of an instrument in per cent, of index", str, _USUAL.index),
    _number("skew", "Skew", "of the smile: negative makes lower strikes dearer"),
    _number("curvature", "Curvature", "of the smile: how much dearer both tails are"),
    _number("spread", "Spread", "between bid and ask, as a share of the premium; half is paid by whoever takes"),
    _number("rate", "Interest", "a year, as a fraction"),
    _number("in_session", "Variance in sessions", "share of a day's variance between open and close"),
    ModelSetting(
        "uses_closes",
        "Own closes first",
        "price a contract at the volatility that its own stored close of an earlier day implied",
        bool,
        _USUAL.uses_closes,
    ),
    _number("lots_a_minute", "Lots a minute", "how many trade in a modelled contract", int),
)
_BY_NAME = {each.name: each for each in MODEL_SETTINGS}
_TRUE, _FALSE = ("true", "on", "1", "yes"), ("false", "off", "0", "no")


def model_from(values: Mapping[str, object]) -> OptionModel:
    """A model with these settings, the rest as usual; numbers may come as text.

    Raises InvalidInput, `option_model_invalid`, with the field `option_model.<name>`.
    """
    for name in values:
        if name not in _BY_NAME:
            raise _refusal(str(name)[:40], f"Known are {', '.join(_BY_NAME)}.")
    read = {name: _read(_BY_NAME[name], value) for name, value in values.items()}
    try:
        return OptionModel(**read)
    except InvalidInput as error:
        errors = {f"option_model.{name}": lines for name, lines in error.errors.items()}
        raise InvalidInput(error.detail, code=error.code, errors=errors) from error


def model_values(model: OptionModel) -> dict[str, Any]:
    """All settings of a model by name, as `model_from` takes them and JSON keeps them."""
    return {each.name: _plain(getattr(model, each.name)) for each in MODEL_SETTINGS}


def settings_shown(values: Mapping[str, object]) -> Iterator[tuple[ModelSetting, object]]:
    """Each setting with its value, for a form."""
    for each in MODEL_SETTINGS:
        yield each, values.get(each.name, each.default)


def _read(setting: ModelSetting, value: object) -> Any:
    if setting.kind is bool:
        return _read_flag(setting, value)
    try:
        if isinstance(value, bool):
            raise ValueError
        read = setting.kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refusal(setting.name, _wanted(setting)) from error
    if setting.kind is int and isinstance(value, float) and value != read:
        raise _refusal(setting.name, _wanted(setting))
    if setting.kind is str and not 0 < len(read.strip()) <= 50:
        raise _refusal(setting.name, _wanted(setting))
    return read.strip().upper() if setting.kind is str else read


def _read_flag(setting: ModelSetting, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _TRUE + _FALSE:
        raise _refusal(setting.name, _wanted(setting))
    return text in _TRUE


def _wanted(setting: ModelSetting) -> str:
    if setting.kind is VolatilityBy:
        return f"Must be one of {', '.join(VolatilityBy)}."
    if setting.kind is bool:
        return "Must be true or false."
    return "Must be an instrument's key." if setting.kind is str else "Must be a number."


def _plain(value: object) -> object:
    return value.value if isinstance(value, VolatilityBy) else value


def _refusal(name: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=CODE, errors={f"option_model.{name}": [detail]})
