"""The same recordings are held out in every run, and never words that are trained on."""

from pathlib import Path

import pytest

from shared.problems import InvalidInput
from training.voices.corpus import Recording
from training.voices.splits import read_split, split, write_split


def recordings(counts: dict[str, int], text: str = "{emotion} sentence {number}") -> list[Recording]:
    return [
        Recording(f"{emotion}/{number}", Path("x.wav"), text.format(emotion=emotion, number=number), emotion)
        for emotion, count in counts.items()
        for number in range(count)
    ]


def held(some: list[Recording]) -> dict[str, int]:
    made = split(some)
    assert sorted(each.id for each in (*made.training, *made.evaluation)) == sorted(each.id for each in some)
    emotions = dict.fromkeys(each.emotion for each in some)
    return {emotion: sum(each.emotion == emotion for each in made.evaluation) for emotion in emotions}


def test_two_percent_but_never_fewer_than_two_nor_more_than_fifty() -> None:
    assert held(recordings({"neutral": 1000, "sad": 20, "angry": 4000})) == {"neutral": 20, "sad": 2, "angry": 50}


def test_of_a_handful_most_is_trained_on() -> None:
    assert held(recordings({"neutral": 3, "sad": 5})) == {"neutral": 0, "sad": 1}


def test_order_does_not_matter_and_new_recordings_hardly_do() -> None:
    some = recordings({"neutral": 200})
    ids = {each.id for each in split(some).evaluation}
    assert {each.id for each in split(some[::-1]).evaluation} == ids
    assert len(ids & {each.id for each in split([*some, *recordings({"happy": 50})]).evaluation}) == len(ids)


def test_the_same_words_stay_on_one_side() -> None:
    some = recordings({"neutral": 300, "sad": 300, "happy": 300}, text="Sentence: {number}!")
    some += [Recording(f"again/{number}", Path("x.wav"), f"sentence {number}", "calm") for number in range(300)]
    made = split(some)
    words = [
        {each.text.lower().replace(":", "").strip("!") for each in side} for side in (made.training, made.evaluation)
    ]
    assert made.evaluation
    assert not words[0] & words[1]


def test_one_sentence_again_and_again_is_not_held_out() -> None:
    assert held(recordings({"neutral": 40}, text="always the same")) == {"neutral": 0}


def test_few_sentences_many_times() -> None:
    some = [Recording(f"{number}", Path("x.wav"), f"sentence {number % 5}") for number in range(100)]
    assert held(some) == {"neutral": 20}


def test_it_is_written_down_and_read_back(tmp_path: Path) -> None:
    some = recordings({"neutral": 100})
    made = split(some)
    write_split(tmp_path / "split.json", made)
    assert read_split(tmp_path / "split.json", some) == made


def test_what_came_later_is_trained_on_unless_its_words_are_held_out(tmp_path: Path) -> None:
    some = recordings({"neutral": 100})
    made = split(some)
    write_split(tmp_path / "split.json", made)
    new = Recording("new", Path("x.wav"), "something new")
    echo = Recording("echo", Path("x.wav"), made.evaluation[0].text.upper())
    again = read_split(tmp_path / "split.json", [*some, new, echo])
    assert new in again.training
    assert again.evaluation == (*made.evaluation, echo)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"evaluation": 3}'])
def test_a_file_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(InvalidInput, match=r"split\.json holds no split"):
        read_split(tmp_path / "split.json", [])
