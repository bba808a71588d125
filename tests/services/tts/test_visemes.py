"""Forms of the mouth for sounds, and their times on every way that speech takes."""

from pathlib import Path

import numpy as np
import pytest

from services.tts.engines.espeak import Espeak
from services.tts.engines.flite import Flite
from services.tts.engines.phones import is_sound
from services.tts.speech import Speech, SpokenWord, TTSEngine, Utterance, VisemeTime, WordTime
from services.tts.styles.change import ProsodyChange
from services.tts.styles.join import with_pauses
from services.tts.styles.shape import shape
from services.tts.trained_voices import open_model, voices_of
from services.tts.visemes import Sounding, of_ipa, of_phones, without_repeats
from shared.store import ModelStore
from tests.services.tts.voice_model import front_end, ways, write_voice

RATE = 16_000
POLLYS = {*"ptSTfkirsu@aeEoO", "sil"}


def forms(*ipa: str) -> str:
    stretches = [Sounding(one, float(number), number + 1.0) for number, one in enumerate(ipa)]
    return " ".join(viseme.viseme for viseme in of_ipa(stretches))


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        (("b", "d", "dʒ", "ð", "f", "ɡ", "h", "j"), "p t S T f k k i"),
        (("l", "m", "n", "ŋ", "ɹ", "ʃ", "θ", "w", "z", "ʒ"), "t p t k r S T u s S"),
        (("ə", "ɚ", "æ", "aɪ", "aʊ", "ɑ", "eɪ", "ɝ", "ɛ"), "@ @ a a a a e E E"),
        (("iː", "ɪ", "oʊ", "ɔ", "ɔɪ", "uː", "ʊ", "ʌ"), "i i o O O u u E"),
        (("ɒ", "əʊ", "ɐ"), "O @ @"),
        (("ˈaɪ", "", "", "ʔ", "1", "m"), "a sil p"),
        (("a", "ɪ", "t", "ʃ"), "a S"),
    ],
)
def test_pollys_table(ipa: tuple[str, ...], expected: str) -> None:
    assert forms(*ipa) == expected


def test_sounds_of_one_stretch_part_its_time() -> None:
    assert of_ipa([Sounding("əl", 1.0, 2.0)]) == [VisemeTime(1.0, "@"), VisemeTime(1.5, "t")]
    assert of_ipa([Sounding("t", 0.0, 0.1), Sounding("ʃ", 0.1, 0.2)]) == [VisemeTime(0.0, "S")]


def test_phones_of_flite() -> None:
    phones = [
        ("pau", 0.0),
        ("hh", 0.1),
        ("ax", 0.2),
        ("l", 0.3),
        ("ow", 0.4),
        ("pau", 0.5),
        ("pau", 0.6),
        ("brth", 0.7),
    ]
    assert [one.viseme for one in of_phones(phones)] == ["sil", "k", "@", "t", "o", "sil"]
    assert without_repeats([]) == []


def test_every_sound_that_can_be_spoken_has_a_form() -> None:
    sounds = [chr(code) for code in range(0x61, 0x2B0) if is_sound(chr(code)) and chr(code) not in "ʔʕ"]
    assert len(sounds) > 80
    for sound in sounds:
        assert {one.viseme for one in of_ipa([Sounding(sound, 0, 1)])} <= POLLYS - {"sil"}
        assert of_ipa([Sounding(sound, 0, 1)])


def spoken() -> Speech:
    samples = np.sin(np.arange(RATE) / RATE * 150 * 2 * np.pi).astype(np.float32)
    visemes = (VisemeTime(0.1, "p"), VisemeTime(0.3, "a"), VisemeTime(0.6, "t"), VisemeTime(0.8, "i"))
    return Speech(samples, RATE, (WordTime(0, 0.1, 0.5), WordTime(1, 0.6, 0.9)), visemes)


def test_pauses_move_what_is_behind_them() -> None:
    paused = with_pauses(spoken(), [(1, 0.5)])
    *before, rest, two, three = paused.visemes
    assert before == list(spoken().visemes[:2])
    assert rest.viseme == "sil"
    assert 0.5 <= rest.seconds <= 0.6
    assert (two.seconds, three.seconds) == (pytest.approx(1.0), pytest.approx(1.2))
    assert two.seconds == pytest.approx(paused.words[1].start_seconds)


def test_another_rate_moves_them_as_it_moves_the_words() -> None:
    slow = shape(spoken(), [ProsodyChange(rate=0.5)] * 2)
    assert slow.visemes[0].seconds == slow.words[0].start_seconds
    assert slow.visemes[2].seconds == slow.words[1].start_seconds
    assert slow.visemes[2].seconds == pytest.approx(1.2, abs=0.1)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("engine", "voice"), [(Flite, "slt"), (Flite, "awb"), (Espeak, "espeak-en-us"), (Espeak, "espeak-de")]
)
async def test_engines_tell_them_in_order_within_their_words(engine: type[TTSEngine], voice: str) -> None:
    talker = engine()
    await talker.start()
    words = (SpokenWord("Mama", after=","), SpokenWord("papa"))
    speech = await talker.speak(Utterance(words, voice, "en-us"))
    await talker.close()
    assert next(one for one in talker.voices() if one.id == voice).tells_visemes
    assert [one.viseme for one in speech.visemes if one.viseme == "p"] == ["p"] * 4
    assert {one.viseme for one in speech.visemes} <= POLLYS
    times = [one.seconds for one in speech.visemes]
    assert times == sorted(times)
    assert times[-1] <= speech.seconds
    closed = [one.seconds for one in speech.visemes if one.viseme == "p"]
    mama, papa = speech.words
    assert mama.start_seconds - 0.03 <= closed[0] < closed[1] < mama.end_seconds
    assert papa.start_seconds - 0.03 <= closed[2] < closed[3] < papa.end_seconds


@pytest.mark.parametrize(("phonemizer", "are_told"), [("espeak", True), ("characters", False)])
def test_voices_that_were_trained_on_letters_tell_none(tmp_path: Path, phonemizer: str, are_told: bool) -> None:
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    parameters = {"front_end": front_end(phonemizer=phonemizer)}
    store.publish(write_voice(tmp_path / "voice", **ways(None), parameters=parameters), "alice", "1")
    (voice,) = voices_of([open_model(1, store.fetch("alice"))], lambda _model, _style: Flite())
    assert voice.tells_visemes == are_told
