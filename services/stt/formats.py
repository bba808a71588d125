"""The forms of an answer: OpenAI's JSON, short and verbose, plain text, and subtitles."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson
from babel import Locale

from services.stt.engine import Segment, Word
from services.stt.schemas import Granularity, TranslationForm
from services.stt.transcripts import SECONDS_DECIMALS, Transcript
from shared.subtitles import Cue, srt, vtt

_ENGLISH: Final = Locale("en").languages
_LEAST_PROBABILITY = 1e-10
_UNKNOWN_LANGUAGE = "unknown"


def media_type_of(form: TranslationForm) -> str:
    """Return the content type of the answer."""
    kinds = {"text": "text/plain; charset=utf-8", "srt": "text/plain; charset=utf-8", "vtt": "text/vtt; charset=utf-8"}
    return kinds.get(form.response_format, "application/json")


def render(transcript: Transcript, form: TranslationForm) -> bytes:
    """Return the body of the answer."""
    forms: dict[str, Callable[[], bytes]] = {
        "json": lambda: orjson.dumps(_short(transcript, with_logprobs="logprobs" in form.include)),
        "verbose_json": lambda: orjson.dumps(_verbose(transcript, form.timestamp_granularities or ["segment"])),
        "text": lambda: f"{transcript.text}\n".encode(),
        "srt": lambda: srt(_cues(transcript.segments)).encode(),
        "vtt": lambda: vtt(_cues(transcript.segments)).encode(),
    }
    return forms[form.response_format]()


def logprobs_of(transcript: Transcript) -> list[dict[str, Any]]:
    """Return how sure the model is of each word, where it says so; OpenAI's tokens are words here."""
    return [
        {
            "token": word.text,
            "logprob": math.log(max(word.probability, _LEAST_PROBABILITY)),
            "bytes": list(word.text.encode()),
        }
        for word in transcript.words
        if word.probability is not None
    ]


def usage_of(transcript: Transcript) -> dict[str, Any]:
    """Return what OpenAI's clients read a call's price from."""
    return {"type": "duration", "seconds": seconds_of(transcript.duration_seconds)}


def tokens_of(transcript: Transcript) -> dict[str, Any]:
    """Return the same for a stream, where clients know tokens alone: tenths of a second in, words out."""
    tenths, words = round(transcript.duration_seconds * 10), len(transcript.text.split())
    details = {"audio_tokens": tenths, "text_tokens": 0}
    usage = {"input_tokens": tenths, "output_tokens": words, "total_tokens": tenths + words}
    return {"type": "tokens", **usage, "input_token_details": details}


def _short(transcript: Transcript, *, with_logprobs: bool) -> dict[str, Any]:
    logprobs = {"logprobs": logprobs_of(transcript)} if with_logprobs else {}
    return {"text": transcript.text, **logprobs, "usage": usage_of(transcript)}


def _verbose(transcript: Transcript, granularities: Sequence[Granularity]) -> dict[str, Any]:
    times: dict[str, Any] = {}
    if "segment" in granularities:
        times["segments"] = [_segment(number, segment) for number, segment in enumerate(transcript.segments)]
    if "word" in granularities:
        times["words"] = [_word(word) for word in transcript.words]
    return {
        "task": transcript.task,
        "language": _language_name(transcript),
        "duration": seconds_of(transcript.duration_seconds),
        "text": transcript.text,
        **times,
        "usage": usage_of(transcript),
    }


def _language_name(transcript: Transcript) -> str:
    """Return the language as OpenAI names it: its English name in small letters; of what is translated, `english`."""
    code = "en" if transcript.task == "translate" else transcript.language
    return _ENGLISH.get(code, code).lower() if code else _UNKNOWN_LANGUAGE


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    return {
        "id": number,
        "seek": round(segment.start_seconds * 100),
        "start": seconds_of(segment.start_seconds),
        "end": seconds_of(segment.end_seconds),
        "text": segment.text,
        "tokens": segment.tokens,
        "temperature": segment.temperature,
        "avg_logprob": segment.mean_log_probability,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_probability,
    }


def _word(word: Word) -> dict[str, Any]:
    times = {"word": word.text, "start": seconds_of(word.start_seconds), "end": seconds_of(word.end_seconds)}
    return times if word.probability is None else {**times, "probability": word.probability}


def _cues(segments: Sequence[Segment]) -> Iterator[Cue]:
    return (Cue(segment.start_seconds, segment.end_seconds, segment.text) for segment in segments)


def seconds_of(seconds: float) -> float:
    """Return a time as answers tell it."""
    return round(seconds, SECONDS_DECIMALS)
