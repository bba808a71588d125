"""How errors stand in the OpenAPI documents: `APIRouter(responses=PROBLEMS)`."""

from typing import Any

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details, with an `error` object as OpenAI has it. See docs/problems.md.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "error"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:timbre:problem:busy"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What was wrong, which limit was hit, and what to do."},
        "param": {"type": "string", "description": "The member of the request at fault."},
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        },
    },
}

_CONTENT = {"application/problem+json": {"schema": PROBLEM_SCHEMA}}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be answered as it is", "content": _CONTENT},
    "5XX": {"description": "The service cannot answer just now", "content": _CONTENT},
}
"""Every error of every call is a problem; docs/problems.md names them."""
