"""Writing answers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

_drf = JSONEncoder()


def _plainer(value: Any) -> Any:
    """What msgspec does not know, such as lazy translations and DRF's errors, as DRF would have written it."""
    return str(value) if isinstance(value, str) else _drf.default(value)


class FastJSONRenderer(JSONRenderer):
    """JSON by msgspec, several times as fast as the standard library's."""

    _encoder = msgspec.json.Encoder(enc_hook=_plainer)

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The body; empty where there is no content."""
        return b"" if data is None else self._encoder.encode(data)
