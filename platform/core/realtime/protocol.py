"""The words on the wire: actions in, frames out, close codes. Pure; the contract is in docs/sockets.md."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

import msgspec

from core.errors import SaudaError

MAX_ACTION_BYTES = 32 * 1024


class CloseCode(IntEnum):
    """Why the server ended a socket; the browser's module decides by it whether to come back."""

    TRY_AGAIN_LATER = 1013
    NOT_AUTHENTICATED = 4401
    FORBIDDEN = 4403
    SLOW = 4408
    TOO_MANY = 4429


class ProtocolError(Exception):
    """A frame of the client's that cannot be served; it is told so and the socket stays open."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def encode(value: Any) -> str:
    """JSON text. Decimals become strings and instants RFC 3339, as in the REST API."""
    return _encoder.encode(value).decode()


def event_frame(event: str, **fields: Any) -> str:
    """One frame: `{"event": …}` and its fields."""
    return encode({"event": event, **fields})


def error_frame(code: str, detail: str, about: Mapping[str, Any] | None = None) -> str:
    """The answer to an action that failed; `about` names the topic, account or symbols it concerned."""
    return event_frame("error", code=code, detail=detail, **(about or {}))


def error_frame_for(error: SaudaError, about: Mapping[str, Any] | None = None) -> str:
    """The same, for an error that a service or selector raised."""
    return error_frame(error.code, error.detail, about)


def decode_action(text: str | None) -> dict[str, Any]:
    """Read one client frame.

    Raises:
        ProtocolError: `bad_frame`, `frame_too_large`, or `bad_action` without an `action` word.
    """
    if text is None:
        raise ProtocolError("bad_frame", "Send JSON in text frames; binary frames are not understood.")
    if len(text) > MAX_ACTION_BYTES:
        raise ProtocolError("frame_too_large", f"A frame may hold {MAX_ACTION_BYTES} bytes.")
    try:
        message = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolError("bad_frame", "The frame is not JSON.") from None
    if not isinstance(message, dict):
        raise ProtocolError("bad_frame", "The frame is not a JSON object.")
    if not isinstance(message.get("action"), str):
        raise ProtocolError("bad_action", "The frame names no action.")
    return message


def text_field(message: Mapping[str, Any], name: str, *, limit: int = 100) -> str:
    """A field that must be a short text.

    Raises:
        ProtocolError: `bad_field`.
    """
    value = message.get(name)
    if not isinstance(value, str) or not value or len(value) > limit:
        raise ProtocolError("bad_field", f"{name} must be a text of 1 to {limit} characters.")
    return value


def text_list_field(message: Mapping[str, Any], name: str, *, limit: int) -> list[str]:
    """A field that must be a list of short texts; duplicates are dropped, the order stays.

    Raises:
        ProtocolError: `bad_field`.
    """
    values = message.get(name)
    if not isinstance(values, list) or not values or not all(_is_short(value) for value in values):
        raise ProtocolError("bad_field", f"{name} must be a list of texts.")
    if len(values) > limit:
        raise ProtocolError("too_many_subscriptions", f"{name} may hold {limit} entries.")
    return list(dict.fromkeys(values))


def _is_short(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def batch_frame(event: str, fragments: Iterable[str]) -> str:
    """One frame over values that are JSON text already."""
    return f'{{"event":"{event}","data":[{",".join(fragments)}]}}'


def value_frame(event: str, fragment: str) -> str:
    """One frame over one value that is JSON text already."""
    return f'{{"event":"{event}","data":{fragment}}}'
