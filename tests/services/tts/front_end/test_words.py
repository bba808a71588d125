from services.tts.front_end import spoken_words
from services.tts.speech import SpokenWord
from tests.services.tts.prepared import words_of_request


def test_words_are_normalised() -> None:
    assert spoken_words("It costs $12, really!", "en-us") == (
        SpokenWord("It"),
        SpokenWord("costs"),
        SpokenWord("twelve dollars", after=","),
        SpokenWord("really", after="!"),
    )


def test_what_is_not_spoken_leaves_its_punctuation() -> None:
    assert spoken_words("Yes 🙂 . No", "en-us") == (SpokenWord("Yes", after="."), SpokenWord("No"))
    assert spoken_words("... 🙂", "en-us") == ()


def test_training_hears_the_words_that_requests_have() -> None:
    text = "On 3 May 2024 Dr. Smith paid $3.50 (or less) - didn't he?"
    assert spoken_words(text, "en-us") == words_of_request(text)
