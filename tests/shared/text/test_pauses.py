from shared.text.pauses import pause_after


def test_pauses_between_sentences() -> None:
    sentence = pause_after(paragraph_end=False, is_last=False)
    assert 0.2 < sentence < pause_after(paragraph_end=True, is_last=False) < 1.2
    assert pause_after(paragraph_end=True, is_last=True) == 0
