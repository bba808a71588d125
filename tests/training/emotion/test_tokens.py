"""Emoji become words before the base tokenizer sees them."""

from pathlib import Path

import pytest

tokenizers = pytest.importorskip("tokenizers")

from training.emotion.tokens import build_tokenizer  # noqa: E402


@pytest.fixture
def base_folder(tmp_path: Path) -> Path:
    """A tokenizer with a handful of words, saved as the base model's is."""
    words = ["[PAD]", "[UNK]", "ha", "##ha", "love", "i", "it", "great"]
    model = tokenizers.models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I love it", ["i", "love", "it"]),
        ("it😂😂😂", ["it", "ha", "##ha"]),
        ("❤️it", ["love", "it"]),
        ("👍🏽", ["great"]),
        ("", []),
    ],
)
def test_emoji_are_words(base_folder: Path, text: str, tokens: list[str]) -> None:
    assert build_tokenizer(base_folder).encode(text).tokens == tokens


def test_long_text_is_cut(base_folder: Path) -> None:
    assert len(build_tokenizer(base_folder, max_tokens=8).encode("love " * 100).ids) == 8


def test_saved_tokenizer_reads_the_same(base_folder: Path, tmp_path: Path) -> None:
    build_tokenizer(base_folder).save(str(tmp_path / "copy.json"))
    assert tokenizers.Tokenizer.from_file(str(tmp_path / "copy.json")).encode("it😂").tokens == ["it", "ha", "##ha"]
