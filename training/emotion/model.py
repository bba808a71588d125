"""MiniLM encoder with mean pooling and one linear layer for all label sets, written out to run fast on a CPU."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

HEADS = {"goemotions": 28, "ekman": 7, "sentiment": 3, "grouping": 4}
WIDTH, LAYERS, ATTENTION_HEADS, VOCABULARY, POSITIONS = 384, 6, 12, 30522, 512
NORM_EPSILON = 1e-12


class Layer(nn.Module):
    """One post-norm transformer layer (Vaswani et al. 2017; BERT, Devlin et al. 2019)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        """Make a layer whose query, key and value are one matrix, which a CPU multiplies faster than three."""
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, NORM_EPSILON)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.output_norm = nn.LayerNorm(width, NORM_EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Map [rows, tokens, width] to the same shape; `mask` is added to the attention scores."""
        rows, tokens, width = hidden.shape
        parts = self.query_key_value(hidden).chunk(3, dim=-1)
        query, key, value = (part.view(rows, tokens, self.heads, -1).transpose(1, 2) for part in parts)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = self.attended(mixed.transpose(1, 2).reshape(rows, tokens, width))
        hidden = self.attention_norm(hidden + self.dropout(mixed))
        return self.output_norm(hidden + self.dropout(self.narrow(nn.functional.gelu(self.wide(hidden)))))


class EmotionModel(nn.Module):
    """Token ids in, raw logits of every label set out."""

    def __init__(
        self,
        width: int = WIDTH,
        layers: int = LAYERS,
        heads: int = ATTENTION_HEADS,
        vocabulary: int = VOCABULARY,
        dropout: float = 0.1,
    ) -> None:
        """Make a randomly initialised model; the defaults are MiniLM-L6."""
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(POSITIONS, width)
        self.embedding_norm = nn.LayerNorm(width, NORM_EPSILON)
        self.layers = nn.ModuleList(Layer(width, heads, dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, sum(HEADS.values()))
        nn.init.normal_(self.head.weight, std=0.02)
        # Film lines name emotions at other rates than forum comments: they get their own scale and bias.
        self.film_scale = nn.Parameter(torch.ones(HEADS["ekman"]))
        self.film_bias = nn.Parameter(torch.zeros(HEADS["ekman"]))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return logits [rows, labels] in the order of HEADS; both inputs are int64 [rows, tokens]."""
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.dropout(self.embedding_norm(self.words(input_ids) + self.positions(positions)))
        kept = attention_mask.to(hidden.dtype)
        mask = ((1 - kept) * -1e4)[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        pooled = (hidden * kept[:, :, None]).sum(1) / kept.sum(1, keepdim=True)
        return tuple(self.head(self.dropout(pooled)).split(list(HEADS.values()), dim=1))

    def film_logits(self, ekman: Tensor) -> Tensor:
        """Return the Ekman logits as film subtitles need them, [rows, 7]."""
        return ekman * self.film_scale + self.film_bias


def load_base(model: EmotionModel, file: Path) -> None:
    """Fill the encoder with the weights of a BERT checkpoint in safetensors."""
    weights = load_file(file)
    # Every text is of token type 0: its vector is part of each position.
    model.positions.weight.data = (
        weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    )
    model.words.weight.data = weights["embeddings.word_embeddings.weight"]
    _fill(model.embedding_norm, weights, "embeddings.LayerNorm")
    for number, layer in enumerate(model.layers):
        _fill_layer(layer, weights, f"encoder.layer.{number}")


def _fill_layer(layer: nn.Module, weights: dict[str, Tensor], prefix: str) -> None:
    for part in ("weight", "bias"):
        names = [f"{prefix}.attention.self.{name}.{part}" for name in ("query", "key", "value")]
        setattr(layer.query_key_value, part, nn.Parameter(torch.cat([weights[name] for name in names])))
    for module, name in (
        (layer.attended, "attention.output.dense"),
        (layer.attention_norm, "attention.output.LayerNorm"),
        (layer.wide, "intermediate.dense"),
        (layer.narrow, "output.dense"),
        (layer.output_norm, "output.LayerNorm"),
    ):
        _fill(module, weights, f"{prefix}.{name}")


def _fill(module: nn.Module, weights: dict[str, Tensor], prefix: str) -> None:
    module.weight = nn.Parameter(weights[f"{prefix}.weight"])
    module.bias = nn.Parameter(weights[f"{prefix}.bias"])


class ConsistentModel(nn.Module):
    """What is served: group logits that agree with the 28 labels they are made of.

    A group holds where any of its labels does. Half of a group's logit is its own head's, half is the log-odds that
    any of its labels holds if they were independent (noisy-or). Measured on dev: steadier than either alone.
    """

    def __init__(self, model: EmotionModel, groups: dict[str, list[list[int]]]) -> None:
        """Wrap a trained model; `groups` has for a head the numbers of the 28 labels in each of its labels."""
        super().__init__()
        self.model = model
        self.groups = groups

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return logits [rows, labels] in the order of HEADS; both inputs are int64 [rows, tokens]."""
        logits = dict(zip(HEADS, self.model(input_ids, attention_mask), strict=True))
        log_none_each = -nn.functional.softplus(logits["goemotions"])
        for head, groups in self.groups.items():
            log_none = torch.stack([log_none_each[:, members].sum(dim=1) for members in groups], dim=1)
            log_none = log_none.clamp(max=-1e-6)
            any_of = torch.log(-torch.expm1(log_none)) - log_none
            logits[head] = (logits[head] + any_of) / 2
        return tuple(logits.values())
