"""From a text, or from a plan that came back, to a document in which every sentence has its emotion."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import aiohttp

from gateway import fragments
from gateway.choices import Choice, Heard, choose, manual
from gateway.schemas import EditedSentence, Plan, PlanSentence, TextType
from gateway.settings import GatewaySettings
from gateway.tagger import Tagger
from gateway.upstream import Service
from gateway.voices import Voice, Voices
from shared.problems import InvalidInput, TooLarge
from shared.text.document import Document, Run, Sentence
from shared.text.limits import Limits
from shared.text.parse import parse_text
from shared.text.serialise import with_emotions


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the document that says the same to the TTS service."""

    plan: Plan
    document: Document
    voice: Voice


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans. Long texts are worked on in a thread, so that nobody else waits for them."""

    voices: Voices
    tagger: Tagger
    max_characters: int

    async def plan_text(self, text: str, text_type: TextType, voice_name: str | None, *, tag: bool) -> Planned:
        """Plan a text: its own tags first, then (with `tag`) the tagger, then neutral.

        Raises what `parse_text` and `Tagger.hear` raise, ModelNotFound for a voice.
        """
        voice = self.voices.find(voice_name)
        self._require_length(len(text), "text")
        document = await asyncio.to_thread(self._parsed, text, text_type, voice, "text")
        heard = await self._heard(document, voice) if tag else [None] * len(document.sentences)
        return await asyncio.to_thread(self._planned_text, document, choose(document, heard), voice)

    async def plan_edited(self, sentences: Sequence[EditedSentence], voice_name: str | None) -> Planned:
        """Take a plan as it came back; every choice in it is the caller's.

        Raises what `parse_text` raises, InvalidInput for a voice, ModelNotFound for the request's voice.
        """
        voice = self.voices.find(voice_name)
        self._require_length(sum(len(one.ssml or one.text) for one in sentences), "sentences")
        return await asyncio.to_thread(self._planned_edited, sentences, voice)

    async def _heard(self, document: Document, voice: Voice) -> list[Heard | None]:
        asked = [index for index, one in enumerate(document.sentences) if not manual(one) and _is_english(one, voice)]
        heard = await self.tagger.hear([document.sentences[index].text for index in asked])
        by_index = dict(zip(asked, heard, strict=True))
        return [by_index.get(index) for index in range(len(document.sentences))]

    def _planned_text(self, document: Document, choices: Sequence[Choice], voice: Voice) -> Planned:
        # What stands beside a tag in the same sentence is said to be neutral, so that the plan can say it again.
        around_tags = [("neutral", 1.0) if choice.source == "manual" else None for choice in choices]
        return self._planned(with_emotions(document, around_tags), choices, voice)

    def _planned_edited(self, edited: Sequence[EditedSentence], voice: Voice) -> Planned:
        sentences: list[Sentence] = []
        choices: list[Choice] = []
        for index, one in enumerate(edited):
            new = self._edited(one, f"sentences.{index}", voice)
            sentences += new
            choices += [Choice(one.emotion, one.intensity, source="manual")] * len(new)
        return self._planned(Document(tuple(sentences)), choices, voice)

    def _edited(self, edited: EditedSentence, param: str, voice: Voice) -> Sequence[Sentence]:
        """Return the sentence of that plan entry; more than one if it is very long or its markup holds several."""
        if edited.voice is not None and edited.voice not in self.voices:
            raise InvalidInput("No voice of that name. GET /v1/audio/voices lists them.", param=f"{param}.voice")
        own_voice = self.voices.find(edited.voice) if edited.voice else voice
        if edited.ssml is None:
            document = self._read(fragments.of_plain(edited.text), own_voice, f"{param}.text")
        else:
            document = self._read(edited.ssml, own_voice, f"{param}.ssml")
        if own_voice is not voice:
            document = fragments.in_voice(document, own_voice.id)
        *others, last = document.sentences
        return [*others, replace(last, paragraph_end=edited.paragraph_end)]

    def _planned(self, document: Document, wanted: Sequence[Choice], voice: Voice) -> Planned:
        voices = [self._voice_of(sentence, voice) for sentence in document.sentences]
        choices = list(map(_speakable, wanted, voices, range(len(voices))))
        plan = [_described(*all_of) for all_of in zip(document.sentences, choices, voices, strict=True)]
        spoken = [(one.emotion, one.intensity) if one.emotion != "neutral" else None for one in choices]
        return Planned(Plan(sentences=plan), with_emotions(document, spoken), voice)

    def _voice_of(self, sentence: Sentence, voice: Voice) -> Voice:
        name = next((part.style.voice for part in sentence.parts if isinstance(part, Run)), None)
        return self.voices.find(name) if name else voice

    def _read(self, fragment: str, voice: Voice, param: str) -> Document:
        return self._parsed(f"<speak>{fragment}</speak>", "ssml", voice, param)

    def _parsed(self, text: str, text_type: TextType, voice: Voice, param: str) -> Document:
        with _named(param):
            return parse_text(text, text_type, Limits(input_bytes=4 * self.max_characters), _base(voice.language))

    def _require_length(self, characters: int, param: str) -> None:
        if characters > self.max_characters:
            raise TooLarge(
                f"The text has more than {self.max_characters} characters; send it in parts.",
                param=param,
                limit=self.max_characters,
            )


def planner_of(
    settings: GatewaySettings, session: aiohttp.ClientSession, headers: Mapping[str, str], voices: Voices
) -> Planner:
    """Return a planner whose calls to the sentiment service carry `headers`."""
    sentiment = Service("sentiment", settings.sentiment_url, session, headers)
    tagger = Tagger(sentiment, settings.sentiment_batch, settings.sentiment_calls)
    return Planner(voices, tagger, settings.max_characters)


def _described(sentence: Sentence, choice: Choice, voice: Voice) -> PlanSentence:
    rendering = voice.emotions[choice.emotion]
    return PlanSentence.model_construct(
        text=sentence.text,
        emotion=choice.emotion,
        intensity=choice.intensity,
        score=choice.score,
        source=choice.source,
        voice=voice.id,
        model=rendering.model,
        style=rendering.style,
        fallback=rendering.fallback,
        ssml=fragments.own_markup(sentence),
        paragraph_end=sentence.paragraph_end,
    )


def _speakable(choice: Choice, voice: Voice, index: int) -> Choice:
    """Return the choice if the voice speaks its emotion, else neutral, unless the caller has asked for it."""
    if choice.emotion in voice.emotions:
        return choice
    if choice.source == "manual":
        detail = f"This sentence's voice does not speak that emotion; it speaks {', '.join(voice.emotions)}."
        raise InvalidInput(detail, param=f"sentences.{index}.emotion")
    return Choice(score=None)


def _is_english(sentence: Sentence, voice: Voice) -> bool:
    languages = {part.style.language or voice.language for part in sentence.parts if isinstance(part, Run)}
    return {_base(language) for language in languages} == {"en"}


def _base(language: str) -> str:
    return language.lower().split("-")[0]


@contextmanager
def _named(param: str) -> Iterator[None]:
    """Say of a problem in which member of the request it lies."""
    try:
        yield
    except (InvalidInput, TooLarge) as problem:
        problem.param = param
        raise
