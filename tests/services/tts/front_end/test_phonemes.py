"""Sounds of real sentences, as espeak-ng itself tells them, and which word has which."""

import asyncio
import gc
import re
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from services.tts.front_end import FrontEnd, Phonemizer, sounds_of_all, spoken_words
from services.tts.speech import SpokenWord
from shared.problems import ModelCorrupt
from tests.services.tts.front_end.fronts import front_end

SENTENCES = [
    ("en-us", "Hello, one of the men is a dog. And then?"),
    ("en-us", "In the house of the king, I have been told: a lot of the dogs are going to be there!"),
    ("en-us", "I should not have been in the way of the apple... wait, the end"),
    ("en-gb-x-rp", "The actor, rather than the farmer, has read the book; now we read it too."),
    ("de", "Das Meeting war 1989 sehr cool, und die 21 Häuser der Straße waren größer."),
    ("fr", "L'été dernier, nous avons vu les enfants dans la maison."),
    ("es", "¿Qué hora es? Son las 12 y media, señor."),
    ("ru", "Привет, мир! Это 3 слова in the house."),
]


def words_of(text: str) -> tuple[SpokenWord, ...]:
    """Words as they are written, with their punctuation: these texts have no numbers for English."""
    return spoken_words(text, "xx")


def sounds(words: Sequence[SpokenWord], **changes: object) -> list[str]:
    (one,) = sounds_of_all([words], front_end(**changes))
    return one


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng's own program")
@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_whole_sentences_sound_as_espeak_says(language: str, text: str) -> None:
    command = ["espeak-ng", "-q", "--ipa", "-v", language, text]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "".join(sounds(words_of(text), language=language)).split() == re.sub(r"\([a-z-]+\)", "", said).split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the dog, the apple", [" ðə", " dˈɑːɡ", " ðɪ", " ˈæpəl"]),
        ("one of the men", [" wˈʌn", " ʌv", "ðə", " mˈɛn"]),
        ("I have been in the house of the king", [" aɪ", " hɐv", "bɪn", " ɪn", "ðə", " hˈaʊs", " ʌv", "ðə", " kˈɪŋ"]),
    ],
)
def test_words_that_are_spoken_as_one_share_their_sounds(text: str, expected: list[str]) -> None:
    assert sounds(words_of(text)) == expected


def test_a_word_that_is_spoken_as_several() -> None:
    year, ended = sounds(words_of("1989 endete"), language="de")
    assert len(year.split()) == 5
    assert len(ended.split()) == 1


def test_several_spoken_words_of_one_written_word() -> None:
    money, please = sounds((SpokenWord("twelve dollars of the king", after=","), SpokenWord("please")))
    assert money == " twˈɛlv dˈɑːlɚz ʌvðə kˈɪŋ"
    assert please == " plˈiːz"


def test_a_word_that_is_silent_takes_nothing_of_its_neighbours() -> None:
    words = [SpokenWord("one"), SpokenWord("…"), SpokenWord("of"), SpokenWord("the"), SpokenWord(""), SpokenWord("men")]
    assert sounds(words) == [" wˈʌn", "", " ʌv", "ðə", "", " mˈɛn"]
    assert sounds([SpokenWord("21"), SpokenWord("", after=",")]) == [" twˈɛnti wˈʌn", ""]


def test_sounds_that_are_given_stand_as_they_are() -> None:
    words = [SpokenWord("the"), SpokenWord("tomato", ipa="təˈmɑːtəʊ", after=","), SpokenWord("the"), SpokenWord("end")]
    assert sounds(words) == [" ðə", " təˈmɑːtəʊ", " ðɪ", " ˈɛnd"]
    assert sounds([SpokenWord("x", ipa="a")]) == [" a"]


def test_long_clauses_keep_their_words() -> None:
    told = sounds(words_of("the king of the dogs " * 120))
    assert told[:5] == [" ðə", " kˈɪŋ", " ʌv", "ðə", " dˈɑːɡz"]
    assert all(one.strip() for one in told)
    assert told[-3:] == [" ʌv", "ðə", " dˈɑːɡz"]


def test_a_word_of_a_thousand_letters() -> None:
    first, long, last = sounds(words_of(f"go {'x' * 1000} go"))
    assert first == " ɡˌoʊ"
    assert len(long.split()) == 2
    assert last == " ɡˈoʊ"


@pytest.mark.parametrize(
    ("wild", "tame"),
    [("[[hello]]", "hello"), ("<break>hello", "break hello"), ("\x01hello\x00", "hello"), ("\ud800hello", "hello")],
)
def test_markup_never_reaches_espeak(wild: str, tame: str) -> None:
    assert sounds([SpokenWord(wild)]) == sounds([SpokenWord(tame)])


@pytest.mark.parametrize("text", ["", " ", "\ud800", "😀", "\x00", "%s%n", "'", "(", "_", "a\u0301" * 100, "日本"])
def test_odd_words_do_no_harm(text: str) -> None:
    *_, last = sounds([SpokenWord(text, after="\x00,"), SpokenWord("house")])
    assert last == " hˈaʊs"


def test_letters() -> None:
    words = (SpokenWord("Grüße"), SpokenWord("Twenty  Two"), SpokenWord("x", ipa="a"), SpokenWord(""))
    assert sounds(words, phonemizer="characters", language="de") == [" grüße", " twenty two", " x", " "]


def test_a_language_that_espeak_lacks() -> None:
    with pytest.raises(ModelCorrupt, match="language"):
        sounds(words_of("hello"), language="xx")


def test_nothing_is_left_of_many_utterances_when_one_fails() -> None:
    with pytest.raises(ModelCorrupt, match="language"):
        sounds_of_all([words_of("hello")] * 50, front_end(language="xx"), processes=2)
    gc.collect()  # what is left of processes warns when it is removed, and a warning fails a test


def test_many_utterances_keep_their_order() -> None:
    utterances = [words_of(text) for text in ["one", "the dog of the king", "", "two"] * 25]
    told = sounds_of_all(utterances, front_end(), processes=2)
    assert told == [[" wˈʌn"], [" ðə", " dˈɑːɡ", " ʌv", "ðə", " kˈɪŋ"], [], [" tˈuː"]] * 25


def test_a_language_of_one_voice_is_not_that_of_the_next() -> None:
    english, german = front_end(), front_end(language="de")

    async def run() -> list[list[str]]:
        phonemizer = Phonemizer(slots=1)
        try:
            fronts: list[FrontEnd] = [english, german] * 3
            return [await phonemizer.sounds(words_of("die"), one) for one in fronts]
        finally:
            await phonemizer.close()

    assert asyncio.run(run()) == [[" dˈaɪ"], [" diː"]] * 3
