"""Utterances: speech passes untouched, all else stays out, long sound is cut at a pause; with Silero's real network."""

import subprocess
import sys
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stt import vad
from services.stt.utterances import Pauses, Utterance, Utterances
from shared.audio import Samples, resample
from tests.sounds import RATE_HZ, spoken

LONGEST_SECONDS = 30.0
FRAME = vad.FRAME_SAMPLES
SPEECH = spoken("slt").samples
"""About four seconds, without a pause."""


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def murmur(seconds: float) -> Samples:
    """A room: silence by all standards but that of zeros."""
    return np.random.default_rng(5).normal(scale=1e-4, size=round(seconds * RATE_HZ)).astype(np.float32)


def joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def cut_up(samples: Samples, sizes: Sequence[int]) -> list[Samples]:
    return np.split(samples, np.cumsum(sizes)[np.cumsum(sizes) < len(samples)])


def utterances_of(pieces: Iterable[Samples], utterances: Utterances | None = None) -> list[Utterance]:
    utterances = utterances or Utterances(RATE_HZ, LONGEST_SECONDS)
    return [*(ended for piece in pieces for ended in utterances.feed(piece)), *utterances.finish()]


def spans(found: Sequence[Utterance]) -> list[tuple[float, float]]:
    return [(each.start_seconds, each.end_seconds) for each in found]


class Loud:
    """Takes loud frames for speech, so that tests say frame by frame what is."""

    def __init__(self) -> None:
        self._rest = silence(0)

    def feed(self, samples: Samples) -> vad.Probabilities:
        samples = joined(self._rest, samples)
        frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
        self._rest = samples[frames.size :]
        return np.abs(frames).max(axis=1) if len(frames) else silence(0)

    def finish(self) -> vad.Probabilities:
        return self.feed(silence(0) if not len(self._rest) else np.zeros(FRAME - len(self._rest), np.float32))


def frames(*runs: tuple[int, float]) -> Samples:
    """Return sound of so many frames at each level."""
    return np.repeat(np.float32([level for _, level in runs]), [count * FRAME for count, _ in runs])


class TestWhatPasses:
    @pytest.mark.parametrize("before", [0.0, 0.3, 1.5])
    @pytest.mark.parametrize("after", [0.0, 1.5])
    @pytest.mark.parametrize("quiet", [silence, murmur])
    def test_speech_without_a_long_pause_is_untouched(self, before: float, after: float, quiet) -> None:
        sound = joined(quiet(before), SPEECH, quiet(0.8), SPEECH, quiet(after))
        (whole,) = utterances_of([sound])
        assert np.array_equal(whole.samples, sound)
        assert whole.start_seconds == 0.0

    def test_long_pauses_are_left_out_but_for_half_a_second_on_either_side(self) -> None:
        sound = joined(silence(5.0), SPEECH, silence(4.0), SPEECH, silence(6.0))
        found = utterances_of([sound])
        length = len(SPEECH) / RATE_HZ
        assert len(found) == 2
        for (begin, end), said in zip(spans(found), (5.0, 9.0 + length), strict=True):
            assert begin == pytest.approx(said - 0.5, abs=0.4)
            assert end == pytest.approx(said + length + 0.5, abs=0.4)
            assert begin < said
            assert end > said + length - 0.2
        for each in found:
            start, stop = round(each.start_seconds * RATE_HZ), round(each.end_seconds * RATE_HZ)
            assert np.array_equal(each.samples, sound[start:stop])

    def test_a_short_word_is_speech(self) -> None:
        sound = joined(silence(4.0), spoken("slt").samples[:6_000], silence(3.0))
        assert len(utterances_of([sound])) == 1

    @pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
    def test_engines_of_other_rates(self, rate_hz: int) -> None:
        sound = resample(joined(silence(5.0), SPEECH, silence(5.0)), RATE_HZ, rate_hz)
        (found,) = utterances_of(cut_up(sound, [4_001] * 60), Utterances(rate_hz, LONGEST_SECONDS))
        ((begin, end),) = spans([found])
        assert (begin, end) == (pytest.approx(4.5, abs=0.2), pytest.approx(5.5 + len(SPEECH) / RATE_HZ, abs=0.4))
        assert np.array_equal(found.samples, sound[round(begin * rate_hz) : round(end * rate_hz)])


TIME = np.arange(20 * RATE_HZ) / RATE_HZ


def coloured(exponent: float) -> Samples:
    """Noise whose power falls with the frequency to this power: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(len(TIME)))
    noise = np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** (exponent / 2), len(TIME))
    return noise / np.abs(noise).max()


def note(hz: float, overtones: int = 6) -> Samples:
    return sum(np.sin(2 * np.pi * hz * number * TIME) / number for number in range(1, overtones + 1)) / 3


def music() -> Samples:
    """Struck chords, two a second."""
    struck = np.exp(-3 * (TIME % 0.5))
    roots = 220 * 2 ** (np.random.default_rng(4).integers(0, 12, 40) / 12)
    chords = [sum(note(root * ratio) for ratio in (1, 5 / 4, 3 / 2)) / 3 for root in roots]
    return struck * np.choose((TIME * 2).astype(int) % 8, chords[:8])


NO_SPEECH = {
    "nothing": np.zeros(0),
    "one sample": np.ones(1),
    "digital zero": np.zeros(len(TIME)),
    "a constant": np.full(len(TIME), 0.5),
    "white": coloured(0),
    "pink": coloured(1),
    "brown": coloured(2),
    "bursts": coloured(0) * (1 + np.sin(2 * np.pi * 4 * TIME)) / 2,
    "hum": note(50),
    "tone": np.sin(2 * np.pi * 440 * TIME),
    "chord": (note(261.6) + note(329.6) + note(392.0)) / 3,
    "music": music(),
    "clicks": (np.random.default_rng(6).random(len(TIME)) < 0.0005).astype(float),
    "square": np.sign(np.sin(2 * np.pi * 120 * TIME)),
}


class TestWhatDoesNotPass:
    @pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
    @pytest.mark.parametrize("name", NO_SPEECH)
    def test_sound_without_speech(self, name: str, level: float) -> None:
        assert utterances_of([(level * NO_SPEECH[name]).astype(np.float32)]) == []


class TestCutting:
    @settings(deadline=None, max_examples=12)
    @given(st.lists(st.integers(0, 20_000), max_size=60))
    def test_any_cutting_gives_the_same_utterances(self, sizes: list[int]) -> None:
        sound = joined(silence(3.6), SPEECH, murmur(3.6), SPEECH, SPEECH, SPEECH, murmur(1.0))
        whole = utterances_of([sound], Utterances(RATE_HZ, 8.0))
        pieces = utterances_of(cut_up(sound, sizes), Utterances(RATE_HZ, 8.0))
        assert spans(pieces) == spans(whole)
        assert all(np.array_equal(ours.samples, theirs.samples) for ours, theirs in zip(pieces, whole, strict=True))
        assert len(whole) >= 3

    @pytest.mark.parametrize("longest_seconds", [5.0, 11.0, 30.0])
    def test_a_speech_without_end_loses_nothing(self, longest_seconds: float) -> None:
        sound = joined(*[SPEECH, silence(0.4)] * 12, SPEECH)
        found = utterances_of([sound], Utterances(RATE_HZ, longest_seconds))
        assert np.array_equal(joined(*(each.samples for each in found)), sound)
        assert max(len(each.samples) for each in found) <= longest_seconds * RATE_HZ
        assert [begin for begin, _ in spans(found)[1:]] == [end for _, end in spans(found)[:-1]]
        assert min(len(each.samples) for each in found[:-1]) >= longest_seconds * RATE_HZ * 2 / 3

    def test_it_is_cut_at_the_longest_pause_of_the_last_third(self) -> None:
        sound = frames((120, 0.9), (12, 0.1), (80, 0.9), (4, 0.01), (20, 0.9), (8, 0.2), (20, 0.9), (2, 0.0), (60, 0.9))
        first, second = utterances_of([sound], Utterances(RATE_HZ, 262 * FRAME / RATE_HZ, detector=Loud()))
        assert len(first.samples) == (120 + 12 + 80 + 4 + 20 + 4) * FRAME
        assert np.array_equal(joined(first.samples, second.samples), sound)

    def test_of_equal_pauses_the_quietest(self) -> None:
        sound = frames((200, 0.9), (4, 0.1), (20, 0.9), (4, 0.05), (20, 0.9), (4, 0.1), (60, 0.9))
        first, _ = utterances_of([sound], Utterances(RATE_HZ, 262 * FRAME / RATE_HZ, detector=Loud()))
        assert len(first.samples) == (200 + 4 + 20 + 2) * FRAME

    def test_without_a_pause_where_speech_is_least_likely(self) -> None:
        sound = frames((230, 0.9), (1, 0.6), (200, 0.9))
        first, _ = utterances_of([sound], Utterances(RATE_HZ, 262 * FRAME / RATE_HZ, detector=Loud()))
        assert len(first.samples) == 230 * FRAME + FRAME // 2

    def test_a_blip_behind_a_cut_is_no_utterance(self) -> None:
        sound = frames((60, 0.9), (50, 0.0), (2, 0.9), (120, 0.0))
        found = utterances_of([sound], Utterances(RATE_HZ, 100 * FRAME / RATE_HZ, detector=Loud()))
        assert len(found) == 1
        assert found[0].end_seconds < 100 * FRAME / RATE_HZ

    @pytest.mark.parametrize(("gap", "count"), [(93, 1), (94, 2)])
    def test_the_border_between_short_and_long_pauses(self, gap: int, count: int) -> None:
        found = utterances_of([frames((9, 0.9), (gap, 0.0), (9, 0.9))], Utterances(RATE_HZ, 30.0, detector=Loud()))
        assert len(found) == count

    def test_blips_are_no_speech_but_belong_to_it(self) -> None:
        noise = frames(*[(2, 0.9), (9, 0.0)] * 300)
        assert utterances_of([noise], Utterances(RATE_HZ, 30.0, detector=Loud())) == []
        sound = frames((9, 0.9), (20, 0.0), (1, 0.9), (20, 0.0), (9, 0.9), (20, 0.0), (1, 0.9))
        (whole,) = utterances_of([sound], Utterances(RATE_HZ, 30.0, detector=Loud()))
        assert np.array_equal(whole.samples, sound)


class TestLive:
    def test_an_utterance_shows_before_it_ends(self) -> None:
        utterances = Utterances(RATE_HZ, LONGEST_SECONDS, Pauses(0.7, 0.3))
        assert utterances.feed(silence(3.0)) == []
        assert utterances.unfinished is None
        assert utterances.feed(SPEECH) == []
        shown = utterances.unfinished
        assert shown is not None
        assert len(shown.samples) == pytest.approx(len(SPEECH) + 0.3 * RATE_HZ, abs=0.2 * RATE_HZ)
        (ended,) = utterances.feed(silence(1.5))
        assert ended.start_seconds == shown.start_seconds
        assert np.array_equal(ended.samples[: len(SPEECH)], shown.samples[: len(SPEECH)])
        assert utterances.unfinished is None
        assert utterances.finish() == []
        assert utterances.fed_seconds == pytest.approx(4.5 + len(SPEECH) / RATE_HZ)


HOUR = """
import sys
from pathlib import Path
import numpy as np
from services.stt.utterances import Utterances

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

speech = np.frombuffer(Path(sys.argv[1]).read_bytes(), np.float32)
minute = np.resize(np.concatenate([speech, np.zeros(3_000, np.float32), speech, np.zeros(48_000, np.float32)]), 960_000)
utterances = Utterances(16_000, 30.0)
heard = sum(len(utterances.feed(minute)) for _ in range(2))
before = peak()
heard += sum(len(utterances.feed(minute)) for _ in range(int(sys.argv[2])))
print(heard, peak() - before)
"""


def grown_bytes(folder, minutes: int) -> tuple[int, int]:
    file = folder / "speech"
    file.write_bytes(SPEECH.tobytes())
    command = [sys.executable, "-c", HOUR, str(file), str(minutes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    heard, grown = map(int, done.stdout.split())
    return heard, grown


def test_memory_does_not_grow_with_the_sound(tmp_path) -> None:
    heard, grown = grown_bytes(tmp_path, 10)
    assert heard > 40
    assert grown < 8_000_000


@pytest.mark.heavy
@pytest.mark.timeout(700)
def test_memory_of_an_hour(tmp_path) -> None:
    heard, grown = grown_bytes(tmp_path, 60)
    assert heard > 240
    assert grown < 8_000_000
