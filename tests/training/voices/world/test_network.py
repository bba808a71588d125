"""The acoustic model's shape: what stands behind the end of a sentence changes nothing in it."""

import torch

from training.voices.world.network import Acoustic, Shape, stretched

SHAPE = Shape(symbols=20, styles=2, bands=1, width=24, symbol_blocks=1, frame_blocks=2, dropout=0.0)


def test_symbols_last_as_long_as_they_are_told() -> None:
    places, within = stretched(torch.tensor([[2, 0, 3]]), 6)
    assert places.tolist() == [[0, 0, 2, 2, 2, 2]]
    assert within[0, :5, 0].tolist() == [0.25, 0.75, *torch.tensor([1 / 6, 3 / 6, 5 / 6]).tolist()]
    assert torch.allclose(within[0, :, 0] + within[0, :, 1], torch.ones(6))


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    network = Acoustic(SHAPE).eval()
    ids, durations = torch.tensor([[3, 4, 5, 0, 0]]), torch.tensor([[2, 1, 4, 0, 0]])

    def said(symbols: int, frames: int) -> tuple[torch.Tensor, torch.Tensor]:
        symbol_mask = (torch.arange(symbols) < 3).float()[None, None]
        frame_mask = (torch.arange(frames) < 7).float()[None, None]
        encoded = network.encoded(ids[:, :symbols], torch.tensor([1]), symbol_mask)
        places, within = stretched(durations[:, :symbols], frames)
        frames_said = network.frames(encoded, places, within, frame_mask)
        return frames_said[:, :7], network.log_durations(encoded, symbol_mask)[:, :3]

    for alone, padded in zip(said(3, 7), said(5, 12), strict=True):
        assert torch.allclose(alone, padded, atol=1e-5)


def test_styles_differ() -> None:
    network = Acoustic(SHAPE).eval()
    mask = torch.ones(1, 1, 3)
    one, other = (network.encoded(torch.tensor([[3, 4, 5]]), torch.tensor([style]), mask) for style in (0, 1))
    assert not torch.allclose(one, other)
