"""Problems as every service answers them."""

import httpx


def slug(answer: httpx.Response) -> str:
    """Return the kind of problem, of an answer that is one."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return str(answer.json()["type"].removeprefix("urn:timbre:problem:"))
