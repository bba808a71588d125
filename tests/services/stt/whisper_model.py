"""A tiny Whisper, its weights written by hand: a low tone says "hello world", a high one, in German, "guten tag".

Each next token follows from the one before it, from the tone (one head of the decoder attends to the loud frames), and
from what stands anywhere in the prompt: the task, and a "z", which makes the last word a "zebra". The other head
attends to a quarter of a second for each token, from which come the words' times. Words are tokens of their own, all
other text is bytes. As in Whisper's own vocabularies, an empty token tells the multilingual ones.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from shared.audio import Samples

LOW_HZ, HIGH_HZ = 300.0, 5_000.0
SAMPLE_RATE_HZ = 16_000
WIDTH, HEADS, MELS, FRAMES, POSITIONS = 128, 2, 80, 1500, 448
STEPS, STEP_FRAMES, PROMPT = 32, 12, 3
WORDS = ("Ġhello", "Ġworld", "Ġguten", "Ġtag", "Ġgood", "Ġday", "Ġzebra")
LANGUAGES = ("en", "de", "fr")
TASKS = ("<|translate|>", "<|transcribe|>")
SILENT = ("<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
TIMES = tuple(f"<|{0.02 * number:.2f}|>" for number in range(1501))
END = "<|1.00|>"

_SURE, _LIKELY = 10.0, 6.0
_FOLLOWS = {
    "<|startoftranscript|>": {"<|en|>": _LIKELY, "<|de|>": _LIKELY, "<|0.00|>": _LIKELY},
    "<|transcribe|>": {"<|0.00|>": _SURE},
    "<|translate|>": {"<|0.00|>": _SURE},
    "<|0.00|>": {"Ġhello": 4, "Ġguten": 4, "Ġgood": 3, "<|endoftext|>": 2},
    "Ġhello": {"Ġworld": _LIKELY},
    "Ġguten": {"Ġtag": _LIKELY},
    "Ġgood": {"Ġday": _LIKELY},
    **{word: {END: 4 * _SURE} for word in ("Ġworld", "Ġtag", "Ġday", "Ġzebra")},
    END: {"<|endoftext|>": 2 * _SURE},
}
"""What comes next, and how likely that is, from the token before."""
_HEARD = {
    "low": {"Ġhello": 4, "<|en|>": 3},
    "high": {"Ġguten": 4, "Ġgood": 4, "<|de|>": 3},
}
_ANYWHERE = {"<|translate|>": {"Ġguten": -20}, "z": {"Ġzebra": 20, "Ġhello": 12, "Ġguten": 12}}


def write_model(folder: Path, *, multilingual: bool = True, **changes: object) -> Path:
    """Write a CTranslate2 Whisper folder and a manifest for the store to complete; `changes` replace its members."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = vocabulary(multilingual)
    spec = _spec(tokens)
    spec.register_vocabulary(tokens)
    spec.config.lang_ids = [tokens.index(f"<|{language}|>") for language in LANGUAGES]
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [(0, 1)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(tokens).save(str(folder / "tokenizer.json"))
    facts = {"task": "speech-to-text", "engine": "whisper", "licence": "CC0", "sample_rate_hz": SAMPLE_RATE_HZ}
    (folder / "manifest.json").write_text(json.dumps({**facts, **changes}))
    return folder


def vocabulary(multilingual: bool) -> list[str]:
    """Return all tokens in Whisper's order."""
    texts = [*sorted(ByteLevel.alphabet()), *WORDS, *([""] if multilingual else [])]
    languages = [f"<|{language}|>" for language in LANGUAGES]
    return [*texts, "<|endoftext|>", "<|startoftranscript|>", *languages, *TASKS, *SILENT, *TIMES]


def tone(hz: float, seconds: float = 1.0) -> Samples:
    """Return a tone, float32 at 16 kHz."""
    times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def _tokenizer(tokens: Sequence[str]) -> Tokenizer:
    end = tokens.index("<|endoftext|>")
    tokenizer = Tokenizer(BPE({token: number for number, token in enumerate(tokens[:end])}, []))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[end : -len(TIMES)]])
    tokenizer.add_tokens([AddedToken(token) for token in TIMES])
    return tokenizer


def _spec(tokens: Sequence[str]) -> WhisperSpec:
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, tokens)
    return spec


def _fill_encoder(encoder: object) -> None:
    """Frames come out with "low" or "high" set where the lower or the upper bands have more of the sound."""
    balance = np.where(np.arange(MELS) < MELS // 2, 1.0, -1.0) / 20
    first, second = _zeros(WIDTH, MELS, 3), _zeros(WIDTH, WIDTH, 3)
    first[0, :, 1], first[1, :, 1] = balance, -balance
    second[[0, 1], [0, 1], 1] = 1
    encoder.conv1.weight, encoder.conv1.bias = first, _zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = second, _zeros(WIDTH)
    encoder.position_encodings.encodings = positions = _zeros(FRAMES, WIDTH)
    timed = np.arange(STEPS * STEP_FRAMES)
    positions[timed, WIDTH // 2 + timed // STEP_FRAMES] = 0.3
    _fill_norm(encoder.layer_norm)
    layer = encoder.layer[0]
    _fill_attention(layer.self_attention, 3 * WIDTH, WIDTH)
    _fill_feed_forward(layer.ffn)


def _fill_decoder(decoder: object, tokens: Sequence[str]) -> None:
    """The state of a token is itself, what stands anywhere, what was heard, and its place in the second half."""
    own = {token: number for number, token in enumerate([*_FOLLOWS, *_ANYWHERE]) if token}
    heard, anywhere = range(WIDTH // 2 - 2, WIDTH // 2), range(WIDTH // 2 - 4, WIDTH // 2 - 2)
    embeddings, logits = _zeros(len(tokens), WIDTH), _zeros(len(tokens), WIDTH)
    for token, number in own.items():
        embeddings[tokens.index(token), number] = 1
    rules = [
        *((own[token], following) for token, following in _FOLLOWS.items()),
        *zip(heard, _HEARD.values(), strict=True),
        *zip(anywhere, _ANYWHERE.values(), strict=True),
    ]
    for number, following in rules:
        for token, weight in following.items():
            logits[tokens.index(token), number] = weight
    decoder.embeddings.weight, decoder.projection.weight = embeddings, logits
    decoder.position_encodings.encodings = positions = _zeros(POSITIONS, WIDTH)
    steps = np.arange(STEPS)
    positions[steps + PROMPT, WIDTH // 2 + steps] = 0.3
    _fill_norm(decoder.layer_norm)
    layer = decoder.layer[0]
    gathered, said = _fill_attention(layer.self_attention, 3 * WIDTH, WIDTH)
    for number, token in zip(anywhere, _ANYWHERE, strict=True):
        gathered[2 * WIDTH + own[token], own[token]] = 1
        said[number, own[token]] = 1
    asked, offered, answer = _fill_attention(layer.attention, WIDTH, 2 * WIDTH, WIDTH)
    layer.attention.linear[0].bias[0] = 40.0
    offered[0, :2] = 1
    asked[WIDTH // 2 + steps, WIDTH // 2 + steps] = offered[WIDTH // 2 + steps, WIDTH // 2 + steps] = 4
    offered[[WIDTH, WIDTH + 1], [0, 1]] = 1
    answer[list(heard), [0, 1]] = 0.1
    _fill_feed_forward(layer.ffn)


def _fill_attention(attention: object, *rows: int) -> list[np.ndarray]:
    _fill_norm(attention.layer_norm)
    return [_fill_linear(linear, count, WIDTH) for linear, count in zip(attention.linear, rows, strict=True)]


def _fill_feed_forward(part: object) -> None:
    _fill_norm(part.layer_norm)
    _fill_linear(part.linear_0, WIDTH, WIDTH)
    _fill_linear(part.linear_1, WIDTH, WIDTH)


def _fill_norm(norm: object) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)


def _fill_linear(linear: object, rows: int, columns: int) -> np.ndarray:
    linear.weight, linear.bias = _zeros(rows, columns), _zeros(rows)
    return linear.weight


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)
