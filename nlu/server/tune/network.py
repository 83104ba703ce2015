"""The encoder as a PyTorch network, from and to the engine's four-bit file."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.server.engine_file import BLOCK, LAYER_FLOATS, EngineFile, Shape, to_blocks

MATRICES = {
    "q.w": "query",
    "k.w": "key",
    "v.w": "value",
    "ao.w": "out",
    "fi.w": "up",
    "fo.w": "down",
}
BIASES = {"q.b": "query", "k.b": "key", "v.b": "value", "ao.b": "out", "fi.b": "up", "fo.b": "down"}


class FourBitLinear(nn.Linear):
    """A linear layer that already works with the four bits its weights will be shipped in.

    Rounding afterwards would undo the tuning: most changes are smaller than half a step. Here
    the network meets the rounding while it learns; gradients pass it by.
    """

    def forward(self, hidden: Tensor) -> Tensor:
        """The usual, with rounded weights."""
        return functional.linear(hidden, self.rounded(), self.bias)

    def rounded(self) -> Tensor:
        """The weights as `to_blocks` will keep them."""
        rows = self.weight.view(-1, BLOCK)
        with torch.no_grad():
            largest = rows.gather(1, rows.abs().argmax(1, keepdim=True))
            scale = (largest / -8).half().float()
            scale[scale == 0] = 1
            off = (rows / scale).round_().clamp_(-8, 7).mul_(scale).sub_(rows)
        return (rows + off).view_as(self.weight)


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, inner = shape.width, shape.inner
        self.heads = shape.heads
        self.query, self.key, self.value, self.out = (FourBitLinear(width, width) for _ in range(4))
        self.up, self.down = FourBitLinear(width, inner), FourBitLinear(inner, width)
        self.after_attention = nn.LayerNorm(width, shape.epsilon)
        self.after_inner = nn.LayerNorm(width, shape.epsilon)
        self.dropout = nn.Dropout(0.1)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """`hidden` (batch, tokens, width); `mask` (batch, 1, 1, tokens) true at real tokens."""
        batch, tokens, width = hidden.shape

        def split(part: Tensor) -> Tensor:
            return part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            split(self.query(hidden)), split(self.key(hidden)), split(self.value(hidden)), mask
        )
        seen = self.out(seen.transpose(1, 2).reshape(batch, tokens, width))
        hidden = self.after_attention(hidden + self.dropout(seen))
        inner = self.down(functional.gelu(self.up(hidden)))
        return self.after_inner(hidden + self.dropout(inner))


class Encoder(nn.Module):
    """Embeddings (never trained) and layers."""

    def __init__(self, engine: EngineFile) -> None:
        super().__init__()
        shape = engine.shape
        self.shape = shape
        width = shape.width
        words = torch.from_numpy(engine.matrix("emb.word", width))
        self.words = nn.Embedding.from_pretrained(words, freeze=True)
        places = torch.from_numpy(engine.floats("emb.pos").reshape(-1, width))
        self.places = nn.Embedding.from_pretrained(places, freeze=True)
        self.kind = nn.Parameter(torch.from_numpy(engine.floats("emb.type")[:width]), False)
        self.norm = nn.LayerNorm(width, shape.epsilon).requires_grad_(False)
        self.norm.weight.copy_(torch.from_numpy(engine.floats("emb.ln.w")))
        self.norm.bias.copy_(torch.from_numpy(engine.floats("emb.ln.b")))
        self.layers = nn.ModuleList(self._layer(engine, index) for index in range(shape.layers))

    @staticmethod
    def _layer(engine: EngineFile, index: int) -> Layer:
        shape = engine.shape
        layer = Layer(shape)
        with torch.no_grad():
            for name, module in MATRICES.items():
                size = shape.inner if name == "fo.w" else shape.width
                getattr(layer, module).weight.copy_(
                    torch.from_numpy(engine.matrix(f"l{index}.{name}", size))
                )
            for name, module in BIASES.items():
                getattr(layer, module).bias.copy_(
                    torch.from_numpy(engine.floats(f"l{index}.{name}"))
                )
            for prefix, norm in (("aln", layer.after_attention), ("oln", layer.after_inner)):
                norm.weight.copy_(torch.from_numpy(engine.floats(f"l{index}.{prefix}.w")))
                norm.bias.copy_(torch.from_numpy(engine.floats(f"l{index}.{prefix}.b")))
        return layer

    def embed(self, ids: Tensor) -> Tensor:
        """Embeddings (batch, tokens, width) of piece ids."""
        places = torch.arange(ids.shape[1], device=ids.device)
        return self.norm(self.words(ids) + self.places(places) + self.kind)

    def forward(
        self, hidden: Tensor, mask: Tensor, first: int = 0, last: int | None = None
    ) -> Tensor:
        """Runs layers `first` to `last`; `mask` (batch, tokens) true at real tokens."""
        wide = mask[:, None, None, :]
        for layer in self.layers[first:last]:
            hidden = layer(hidden, wide)
        return hidden

    def patch(self, first: int) -> dict[str, np.ndarray]:
        """The layers from `first` on in the engine's own bytes."""
        found: dict[str, np.ndarray] = {}
        for index in range(first, self.shape.layers):
            layer = self.layers[index]
            for name, module in MATRICES.items():
                weights = getattr(layer, module).rounded().detach().numpy()
                found[f"l{index}.{name}"] = to_blocks(weights)
            for name in LAYER_FLOATS:
                found[f"l{index}.{name}"] = _floats(layer, name)
        return found


def _floats(layer: Layer, name: str) -> np.ndarray:
    if name in BIASES:
        values = getattr(layer, BIASES[name]).bias
    else:
        norm = layer.after_attention if name.startswith("aln") else layer.after_inner
        values = norm.weight if name.endswith(".w") else norm.bias
    return values.detach().numpy().astype("<f4").view(np.uint8)


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of the real tokens (batch, width), of unit length."""
    weights = mask[:, :, None].to(hidden.dtype)
    return functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=1)


def scale_of(width: int) -> float:
    """How much unit vectors are stretched before they are classified."""
    return math.sqrt(width)
