"""How far a training is, in words, and how the voice sounds by now."""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import soundfile
import torch
from torch.utils.tensorboard import SummaryWriter
from trainer.logging import BaseDashboardLogger
from trainer.logging.tensorboard_logger import TensorboardLogger
from TTS.tts.utils.visual import plot_alignment

from training.voices.prepared import EVALUATION, TRAINING, Prepared, Spoken
from training.voices.vits.network import Voice
from training.voices.vits.settings import Settings

TENSORBOARD, SAMPLES = "tensorboard", "samples"
_TELL_SECONDS = 30.0


class Progress:
    """Tells now and then how far it is; takes the place of Coqui's console, of which nothing else is wanted."""

    def __init__(self, settings: Settings, step: int, is_heard: bool) -> None:
        self._settings, self._first_step, self._is_heard = settings, step, is_heard
        self._began = self._told = time.monotonic()

    def print_train_step(self, _: int, __: int, step: int, losses: Mapping[str, float], ___: object) -> None:
        """Tell of a step that is done, unless something was told just now."""
        if time.monotonic() - self._told > _TELL_SECONDS:
            self.say(step + 1, f"mel {losses['loss_mel']:.2f}")

    def say(self, step: int, figures: str) -> None:
        """Tell what the step gave, and how long all others will take."""
        self._told = time.monotonic()
        seconds = (self._told - self._began) / max(step - self._first_step, 1)
        steps = self._settings.epochs * self._settings.steps
        hours, minutes = divmod(round((steps - step) * seconds / 60), 60)
        if self._is_heard:
            told = f"step {step} of {steps}  {figures}  {seconds:.2f} s a step, {hours} h {minutes} min left\n"
            sys.stdout.write(told)
            sys.stdout.flush()

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def tensorboard(folder: Path, step: int) -> BaseDashboardLogger:
    """Return what curves and pictures are written with; those of steps that are done again are left out."""
    board = TensorboardLogger(folder / TENSORBOARD, "voice")
    board.writer.close()
    board.writer = SummaryWriter(folder / TENSORBOARD, purge_step=step, flush_secs=10)
    return board


def sentences_of(prepared: Prepared) -> Sequence[Spoken]:
    """Return a recording of each emotion, held out if there is one, whose text is spoken on the way."""
    ordered = [*prepared.of(EVALUATION), *prepared.of(TRAINING)]
    return list({each.style: each for each in reversed(ordered)}.values())


def speak(voice: Voice, sentences: Sequence[Spoken], styles: Sequence[str], seed: int) -> dict[str, dict[str, Any]]:
    """Return sounds and pictures of the alignment, by emotion."""
    audios, figures = {}, {}
    device = next(voice.parameters()).device
    for each in sentences:
        torch.manual_seed(seed)
        ids, style = torch.tensor([each.ids], device=device), torch.tensor([each.style], device=device)
        said = voice.inference(ids, {"speaker_ids": style})
        audios[styles[each.style]] = said["model_outputs"][0, 0].float().cpu().numpy()
        alignment = said["alignments"][0].float().cpu().numpy()
        figures[f"{styles[each.style]}-alignment"] = plot_alignment(alignment.T, output_fig=False)
    return {"audios": audios, "figures": figures}


def write_samples(folder: Path, epoch: int, audios: Mapping[str, Any], sample_rate_hz: int) -> None:
    """Keep how the voice sounded after an epoch."""
    (folder / SAMPLES).mkdir(exist_ok=True)
    for emotion, sound in audios.items():
        path = folder / SAMPLES / f"epoch-{epoch:04d}-{emotion}.ogg"
        soundfile.write(path, sound, sample_rate_hz, "VORBIS", format="OGG")
