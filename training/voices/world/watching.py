"""What a training looks and sounds like on its way, for TensorBoard: losses, and a sentence that is held out."""

from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from training.voices.prepared import EVALUATION, TRAINING
from training.voices.world.features import SPECTRUM_SIZE, Curve, Frames, sounded
from training.voices.world.material import Material, Normal
from training.voices.world.network import Acoustic

FOLDER = "tensorboard"


class Watching:
    """Writes down an epoch at a time."""

    def __init__(self, folder: Path, material: Material, normal: Normal) -> None:
        self._material, self._normal = material, normal
        self._spoken = (material.of(EVALUATION) or material.of(TRAINING))[0]
        self._writer = SummaryWriter(folder / FOLDER, flush_secs=10)

    def show(self, row: dict[str, float], network: Acoustic) -> None:
        """Show an epoch's losses, and how the sentence sounds by now beside how it was spoken."""
        epoch = int(row["epoch"])
        for name, value in row.items():
            side = "learned" if name.startswith("training_") else "held_out"
            self._writer.add_scalar(f"{name.removeprefix('training_')}/{side}", value, epoch)
        said, real = self._said(network), self._material.frames(self._spoken)
        rate_hz = self._material.sample_rate_hz
        self._writer.add_audio("sentence", torch.from_numpy(sounded(said, rate_hz))[None], epoch, rate_hz)
        self._writer.add_image("said above, spoken below", _picture(said, real), epoch, dataformats="HW")
        self._writer.flush()

    def _said(self, network: Acoustic) -> Frames:
        """Speak the sentence with the durations of the recording, so that the two can be laid beside each other."""
        batch = self._material.batch([self._spoken], self._normal).to(next(network.parameters()).device)
        network.eval()
        with torch.inference_mode():
            said = network(batch)[0][0].cpu()
        return _frames((said * self._normal.deviation + self._normal.mean).numpy())


def _frames(outputs: Curve) -> Frames:
    f0 = np.where(outputs[:, SPECTRUM_SIZE + 1] > 0, np.exp(outputs[:, SPECTRUM_SIZE]), 0)
    return Frames(f0.astype(np.float32), outputs[:, :SPECTRUM_SIZE], outputs[:, SPECTRUM_SIZE + 2 :])


def _picture(said: Frames, real: Frames) -> Curve:
    """Return both envelopes in grey, low frequencies below, (height, frames), from 0 to 1."""
    rows = []
    for frames in (said, real):
        shade = np.fft.irfft(frames.spectrum, 4 * SPECTRUM_SIZE, axis=1)[:, : 2 * SPECTRUM_SIZE : 2].T[::-1]
        rows.append((shade - shade.min()) / max(float(np.ptp(shade)), 1e-6))
    return np.concatenate(rows).astype(np.float32)
