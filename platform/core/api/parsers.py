"""Reading request bodies."""

import json
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """JSON without NaN or infinity, not nested so deep that reading it would exhaust the stack, and all of it text.

    Half a surrogate pair is legal JSON, but can be neither stored nor told back.
    """

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        try:
            data = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error
        if b"\\ud" in body.lower():
            try:
                json.dumps(data, ensure_ascii=False).encode()
            except UnicodeEncodeError as error:
                raise ParseError("The JSON holds half of a surrogate pair.") from error
        return data
