"""What a call asks for, held against what the model that listens can do."""

from dataclasses import dataclass

from services.stt.engine import Abilities, Wishes
from services.stt.schemas import ListenQuery, TranscriptionForm, TranslationForm
from shared.problems import InvalidInput, UnsupportedLanguage
from shared.transcription import Task


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of the engine, and what of the call is ignored."""

    wishes: Wishes
    ignored: tuple[str, ...]
    """Names of members that the model does not heed, and that clients send without thinking of one."""
    language: str | None
    """What is certainly spoken: what the caller says, or all that the model knows."""


def order_of(form: TranslationForm, abilities: Abilities) -> Order:
    """Return what `form` asks for. Raises InvalidInput and UnsupportedLanguage for what the model cannot do."""
    _require_a_stream_of_text(form)
    language = _language(form, abilities)
    only = abilities.languages[0] if len(abilities.languages) == 1 else None
    wishes = Wishes(
        task=_task(form, abilities),
        language=language,
        prompt=form.prompt if abilities.takes_prompt else "",
        temperature=form.temperature if abilities.takes_temperature else 0.0,
        keywords=_heeded(form.keywords if isinstance(form, TranscriptionForm) else [], abilities),
        word_times=("word" in form.timestamp_granularities and _tells_times(form))
        or ("logprobs" in form.include and _tells_logprobs(form)),
    )
    return Order(wishes, tuple(_ignored(form, abilities)), language or only)


def live_wishes(query: ListenQuery, abilities: Abilities) -> Wishes:
    """Return what a live client asks for. Raises InvalidInput and UnsupportedLanguage for what the model cannot do."""
    return Wishes(
        language=_known([query.language], abilities, "language")[0] if query.language else None,
        keywords=_heeded(query.keywords, abilities),
        word_times=query.words,
    )


def _require_a_stream_of_text(form: TranslationForm) -> None:
    if form.stream and form.response_format in ("srt", "vtt"):
        raise InvalidInput(
            "A stream consists of events; ask for subtitles without stream, or for json with it.",
            param="response_format",
        )


def _task(form: TranslationForm, abilities: Abilities) -> Task:
    if isinstance(form, TranscriptionForm):
        return "transcribe"
    if not abilities.translates:
        raise InvalidInput("This model cannot translate; name one that can.", param="model")
    return "translate"


def _language(form: TranslationForm, abilities: Abilities) -> str | None:
    if not isinstance(form, TranscriptionForm):
        return None
    if form.language:
        return _known([form.language], abilities, "language")[0]
    known = _known(form.languages, abilities, "languages") if form.languages else []
    return known[0] if len(known) == 1 else None


def _known(languages: list[str], abilities: Abilities, param: str) -> list[str]:
    """Return the languages that the model knows, without their regions. Raises UnsupportedLanguage for none."""
    codes = [language.replace("_", "-").partition("-")[0].lower() for language in languages]
    known = [code for code in codes if not abilities.languages or code in abilities.languages]
    if not known:
        raise UnsupportedLanguage(f"This model knows only: {', '.join(abilities.languages)}.", param=param)
    return known


def _heeded(keywords: list[str], abilities: Abilities) -> tuple[str, ...]:
    if keywords and not abilities.takes_keywords:
        raise InvalidInput("This model does not heed keywords; name one that does.", param="keywords")
    return tuple(keywords)


def _ignored(form: TranslationForm, abilities: Abilities) -> list[str]:
    """Return the names of members whose lack of effect costs the caller nothing but that effect."""
    heeded = {
        "prompt": abilities.takes_prompt or not form.prompt,
        "temperature": abilities.takes_temperature or not form.temperature,
        "timestamp_granularities[]": _tells_times(form) or not form.timestamp_granularities,
        "include[]": _tells_logprobs(form) or not form.include,
    }
    return [name for name, is_heeded in heeded.items() if not is_heeded]


def _tells_times(form: TranslationForm) -> bool:
    return form.response_format == "verbose_json" and not form.stream


def _tells_logprobs(form: TranslationForm) -> bool:
    return form.stream or form.response_format == "json"
