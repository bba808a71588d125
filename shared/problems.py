"""Problem details (RFC 9457): every error a caller can see is one of these classes.

A problem carries its own HTTP status, so that routes hold no try/except. One body speaks both dialects:
the members of RFC 9457, and an `error` object as OpenAI's clients read it.
"""

from typing import ClassVar, Literal

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "str | int | float | bool | list[Json] | dict[str, Json] | None")


class Problem(Exception):
    """Base of all errors with an answer for the caller.

    `detail` says what was wrong, which limit was hit and what to do; `param` names the request's member at fault;
    `extensions` become further members of the body. Never put user text, paths or secrets into them.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    openai_type: ClassVar[str] = "server_error"
    openai_code: ClassVar[str | None] = None

    def __init__(
        self, detail: str, *, param: str | None = None, retry_after_seconds: int | None = None, **extensions: Json
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.param = param
        self.retry_after_seconds = retry_after_seconds
        self.extensions = extensions

    def body(self) -> dict[str, Json]:
        """Return the JSON body, members in the order of RFC 9457."""
        code = self.openai_code or self.slug.replace("-", "_")
        error: dict[str, Json] = {
            "message": self.detail,
            "type": self.openai_type,
            "param": self.param,
            "code": code,
        }
        return {
            "type": f"urn:timbre:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **({"param": self.param} if self.param else {}),
            **self.extensions,
            "error": error,
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to this problem."""
        return {} if self.retry_after_seconds is None else {"Retry-After": str(self.retry_after_seconds)}


class InvalidInput(Problem):
    """A value of the request is wrong."""

    status, slug, title = 400, "invalid-input", "The request cannot be understood"
    openai_type = "invalid_request_error"


class InvalidMarkup(InvalidInput):
    """SSML or emotion tags that are malformed or not supported; `position` is a byte offset into the input."""

    slug, title = "invalid-markup", "The markup is malformed or not supported"


LexiconFault = Literal["form", "alphabet", "language", "size", "pronunciation"]


class InvalidLexicon(InvalidInput):
    """A lexicon that is no PLS, or has more in it than lexicons may; `fault` tells of which kind that is."""

    slug, title = "invalid-lexicon", "The lexicon cannot be taken"

    def __init__(self, detail: str, *, fault: LexiconFault = "form") -> None:
        super().__init__(detail, fault=fault)
        self.fault = fault


class UnsupportedLanguage(InvalidInput):
    """The text or voice is in a language that this call does not serve."""

    slug, title = "unsupported-language", "This language is not supported here"


class Unauthorized(Problem):
    """No key, or a wrong or revoked one."""

    status, slug, title = 401, "unauthorized", "A valid API key is needed"
    openai_type, openai_code = "invalid_request_error", "invalid_api_key"

    def headers(self) -> dict[str, str]:
        """Add the challenge that RFC 9110 asks for."""
        return {**super().headers(), "WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    """The key is good, but not for this."""

    status, slug, title = 403, "forbidden", "This key may not do that"
    openai_type = "invalid_request_error"


class NotFound(Problem):
    """The address or the thing it names does not exist."""

    status, slug, title = 404, "not-found", "There is nothing here"
    openai_type = "invalid_request_error"


class ModelNotFound(NotFound):
    """A model or voice of that name is not served."""

    slug, title = "model-not-found", "No model or voice of that name"


class LexiconNotFound(NotFound):
    """The key has no lexicon of that name."""

    slug, title = "lexicon-not-found", "No lexicon of that name"


class ModelRefused(ModelNotFound):
    """A model whose licence the settings refuse: callers see it as one that is not here."""


class MethodNotAllowed(Problem):
    """The address exists, but not for this method."""

    status, slug, title = 405, "method-not-allowed", "This method is not allowed here"
    openai_type = "invalid_request_error"


class AlreadyExists(Problem):
    """Something of that name is there already, and is never overwritten."""

    status, slug, title = 409, "already-exists", "Something of that name exists already"
    openai_type = "invalid_request_error"


class Conflict(Problem):
    """The request contradicts one that was taken before, such as another body under the same Idempotency-Key."""

    status, slug, title = 409, "conflict", "This contradicts an earlier request"
    openai_type = "invalid_request_error"


class TooLarge(Problem):
    """More bytes, characters, samples or seconds than the limit; the limit stands in `detail` and in `limit`."""

    status, slug, title = 413, "too-large", "That is more than this call takes"
    openai_type = "invalid_request_error"


class UnsupportedMedia(Problem):
    """Bytes that are no audio we decode, or a content type we do not take."""

    status, slug, title = 415, "unsupported-media", "This format is not supported"
    openai_type = "invalid_request_error"


class Busy(Problem):
    """All engine slots and the queue are full."""

    status, slug, title = 429, "busy", "All engines are busy"
    openai_type, openai_code = "rate_limit_error", "rate_limit_exceeded"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, retry_after_seconds=retry_after_seconds)


class EngineFailed(Problem):
    """An engine died or gave nothing usable."""

    status, slug, title = 500, "engine-failed", "The engine failed"


class NotServed(Problem):
    """This Timbre runs no service that answers the call."""

    status, slug, title = 501, "not-served", "This Timbre does not offer that"
    openai_type = "invalid_request_error"


class Unavailable(Problem):
    """A part that is needed is not ready or cannot be reached."""

    status, slug, title = 503, "unavailable", "A part of the service is not available"

    def __init__(self, detail: str, *, retry_after_seconds: int = 2) -> None:
        super().__init__(detail, retry_after_seconds=retry_after_seconds)


class ModelCorrupt(Unavailable):
    """A model does not match its manifest or is of a kind that is never opened; an older version goes on serving."""

    slug, title = "model-corrupt", "A model did not verify"


class StorageRefused(Unavailable):
    """The storage does not take our credentials, or does not have our bucket: somebody must set it right."""

    slug, title = "storage-refused", "The storage refuses us"


class StorageFull(Problem):
    """The disk or the quota behind the data folder is full."""

    status, slug, title = 507, "storage-full", "The storage is full"


class TooManyLexicons(StorageFull):
    """A key keeps as many lexicons as it may."""


class TimedOut(Problem):
    """The work took longer than its time limit."""

    status, slug, title = 504, "timed-out", "The work took too long"


def problem_from(body: dict[str, Json]) -> Problem:
    """Return the problem of that body: of its kind, and with what it says."""
    kinds = {f"urn:timbre:problem:{kind.slug}": kind for kind in _kinds(Problem)}
    return kinds.get(str(body.get("type")), Problem)(str(body.get("detail", "")))


def _kinds(kind: type[Problem]) -> list[type[Problem]]:
    """Return a kind and all below it; those that share a slug with the one above come before it."""
    return [*(found for child in kind.__subclasses__() for found in _kinds(child)), kind]
