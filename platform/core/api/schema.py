"""What every operation of the schema has in common."""

from typing import Any

from core.http.answers import PROBLEM_CONTENT_TYPE

Endpoint = tuple[str, str, str, Any]

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable; `detail` is for people.",
    "properties": {
        "type": {"type": "string", "example": "urn:sauda:problem:invalid_input"},
        "title": {"type": "string"},
        "status": {"type": "integer", "example": 400},
        "code": {"type": "string", "example": "invalid_input"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
}


def only_our_paths(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """The schema describes the versioned API, not the schema's own address or anything mounted beside it."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problem_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem; says so once, as `default`."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    answer = {
        "description": "A problem",
        "content": {PROBLEM_CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result
