"""JSON logs with the request's id, and never with what the user sent."""

import logging
import logging.config
import traceback
from contextvars import ContextVar

from pythonjsonlogger.orjson import OrjsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class TimbreFormatter(OrjsonFormatter):
    """One JSON object a line. Of an exception only its class and place are told: its message may quote the user."""

    def add_fields(
        self, log_data: dict[str, object], record: logging.LogRecord, message_dict: dict[str, object]
    ) -> None:
        """Add the request id to what the base class writes."""
        super().add_fields(log_data, record, message_dict)
        log_data["request_id"] = request_id.get()

    def format(self, record: logging.LogRecord) -> str:
        """Format `record`, without the exception text that another formatter may have left in it."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - name given by logging
        """Return the frames and the class of the exception, without its message."""
        kind, _, frames = ei if isinstance(ei, tuple) else (None, None, None)
        name = kind.__name__ if isinstance(kind, type) else "Exception"
        return "".join([*traceback.format_tb(frames), name])


def _is_no_address(record: logging.LogRecord) -> bool:
    """Keep out uvicorn's lines about websockets: they quote the whole query. Ours tell of the same requests."""
    return "WebSocket" not in str(record.msg)


def configure(level: str, service: str) -> None:
    """Send all logging of this process to standard error, as JSON."""
    formatter = {
        "()": TimbreFormatter,
        "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        "static_fields": {"service": service},
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "python_multipart": {"level": "ERROR"},  # its warnings quote what was sent
                "uvicorn.error": {"level": "INFO", "filters": ["websockets"]},  # DEBUG tells every frame
            },
            "filters": {"websockets": {"()": lambda: _is_no_address}},
        }
    )
