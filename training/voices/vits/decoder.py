"""The decoder as it is exported: onnxruntime has its fast layout for pictures alone, so sound is one, a row high."""

from torch import Tensor, nn


class PictureDecoder(nn.Module):
    """Takes a decoder's place and says the same: (batch, channels, frames) in, (batch, 1, samples) out."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder
        for module in list(decoder.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Conv1d | nn.ConvTranspose1d):
                    setattr(module, name, _of_pictures(child))

    def forward(self, frames: Tensor, g: Tensor | None = None) -> Tensor:
        """`g`, which Coqui calls so, is who speaks: (batch, channels, 1)."""
        sound: Tensor = self.decoder(frames[:, :, None], None if g is None else g[:, :, None])
        return sound[:, :, 0]


def _of_pictures(line: nn.Conv1d | nn.ConvTranspose1d) -> nn.Conv2d | nn.ConvTranspose2d:
    kind = nn.Conv2d if isinstance(line, nn.Conv1d) else nn.ConvTranspose2d
    picture = kind(
        line.in_channels,
        line.out_channels,
        (1, *line.kernel_size),
        (1, *line.stride),
        (0, *line.padding),
        dilation=(1, *line.dilation),
    )
    picture.weight, picture.bias = nn.Parameter(line.weight.detach()[:, :, None]), line.bias
    return picture
