"""Other languages are refused; English, names and cries never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sentiment.language import LanguageCheck, require_served
from shared.problems import UnsupportedLanguage

OTHERS = {
    "de": "Das ist wirklich schade, ich bin sehr traurig.",
    "fr": "Je ne sais pas quoi faire, c'est terrible !",
    "es": "¡Qué alegría verte! ¿Cómo estás?",
    "it": "Sono molto felice oggi",
    "pt": "Estou muito triste hoje",
    "nl": "Ik ben zo blij dat je er bent",
    "sv": "Jag är väldigt ledsen idag",
    "pl": "Jestem bardzo szczęśliwy",
    "tr": "Bugün çok mutluyum",
    "vi": "Hôm nay tôi rất vui",
    "hu": "Nagyon boldog vagyok",
    "ru": "Я очень рад тебя видеть",
    "zh": "我今天很高兴",
    "ja": "今日はとても嬉しいです",
    "ko": "오늘 정말 행복해요",
    "ar": "أنا سعيد جدا اليوم",
    "hi": "मैं आज बहुत खुश हूँ",
    "el": "Είμαι πολύ χαρούμενος",
}
ENGLISH = (
    *("I am hungry", "lol ok", "Maria", "John Smith", "ok", "No.", "Si", "OMG!!!", "haha love it!", "gg wp", "π"),
    *("😂😂😂", "123 456", "Café au lait", "naïve résumé", "Omar Fatima Wei", "http://example.com/de/seite"),
    *("I love sushi and ramen", "Barcelona beat Real Madrid again", "Angela Merkel met Emmanuel Macron"),
    *("Schadenfreude is real", "I dont no y u r so mad m8", "aaaaaaaaaaaaaaaa", "asdfghjkl qwertyuiop"),
    *("Kinda let down tbh", "He said 你好 to me", "𝓘 𝓪𝓶 𝓱𝓪𝓹𝓹𝔂"),
)


@pytest.mark.parametrize("code", OTHERS)
def test_other_languages_are_named(language_check: LanguageCheck, code: str) -> None:
    assert language_check.other_language(OTHERS[code]) == code
    assert language_check.other_language(OTHERS[code] * 300) == code


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_taken(language_check: LanguageCheck, text: str) -> None:
    assert language_check.other_language(text) is None


@given(st.text())
def test_any_text_has_an_answer(language_check: LanguageCheck, text: str) -> None:
    found = language_check.other_language(text)
    assert found is None or found.isalpha()


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN-us"])
def test_english_by_name(tag: str) -> None:
    require_served(tag)


def test_other_language_by_name() -> None:
    with pytest.raises(UnsupportedLanguage, match="'eno'"):
        require_served("eno")
