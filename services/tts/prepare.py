"""From a sentence of the document to pieces that one voice can speak at one go."""

from dataclasses import dataclass, field, replace

from services.tts.front_end.words import spoken_word, with_trailing
from services.tts.normalise import Token, normalise
from services.tts.speech import SpokenWord, Utterance, VoiceInfo
from services.tts.styles.change import ProsodyChange
from services.tts.voices import Voices
from services.tts.wishes import Wishes
from shared.text.document import Document, Mark, Pause, Run, Sentence, Style


@dataclass(frozen=True, slots=True)
class Word:
    """One written word, how it is spoken, and where it stands in the input (byte offsets)."""

    spoken: SpokenWord
    style: Style
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Piece:
    """A stretch of one sentence in one voice and language. Pauses and marks stand before the word of their index."""

    voice: VoiceInfo
    language: str
    words: list[Word] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)
    marks: list[tuple[int, Mark]] = field(default_factory=list)

    def utterance(self, change: ProsodyChange) -> Utterance:
        """Return what the engine is asked for."""
        words = tuple(word.spoken for word in self.words)
        return Utterance(words, self.voice.id, self.language, change.rate, change.pitch, change.pitch_range)


def pieces_of(sentence: Sentence, wishes: Wishes, voices: Voices) -> list[Piece]:
    """Cut `sentence` where the voice or language changes; there is always at least one piece.

    Raises ModelNotFound for a voice or language that is not here, TooLarge for a number too long to be spoken.
    """
    pieces = [Piece(wishes.voice.speaking_in(wishes.emotion), wishes.language)]
    for part in sentence.parts:
        match part:
            case Pause(seconds):
                pieces[-1].pauses.append((len(pieces[-1].words), seconds))
            case Mark():
                pieces[-1].marks.append((len(pieces[-1].words), part))
            case Run():
                _add_run(pieces, part, wishes, voices)
    return pieces


def speakers_of(document: Document, wishes: Wishes, voices: Voices) -> list[VoiceInfo]:
    """Return the voices that will speak `document`, in order, as they speak its emotions.

    Raises as `pieces_of` does for voice and language.
    """
    styles = dict.fromkeys(part.style for one in document.sentences for part in one.parts if isinstance(part, Run))
    return [_speaker(style, wishes, voices)[0] for style in styles]


def _add_run(pieces: list[Piece], run: Run, wishes: Wishes, voices: Voices) -> None:
    voice, language = _speaker(run.style, wishes, voices)
    for part in wishes.pronunciations.applied(run, language):
        for token in normalise(part, language):
            if not token.spoken:
                _attach(pieces[-1], token)
                continue
            if (voice, language) != (pieces[-1].voice, pieces[-1].language):
                pieces.append(Piece(voice, language))
            pieces[-1].words.append(_word(token, part))


def _speaker(style: Style, wishes: Wishes, voices: Voices) -> tuple[VoiceInfo, str]:
    voice = voices.find(style.voice) if style.voice else wishes.voice
    language = style.language or (voice.language if style.voice else wishes.language)
    voice = voices.speaking(style.language, voice) if style.language else voice
    return voice.speaking_in(style.emotion or wishes.emotion), language


def _attach(piece: Piece, token: Token) -> None:
    if piece.words:
        last = piece.words[-1]
        piece.words[-1] = replace(last, spoken=with_trailing(last.spoken, token))


def _word(token: Token, run: Run) -> Word:
    return Word(spoken_word(token, run.ipa), run.style, token.text, token.start, token.end)
