"""Llama-style decoders in named sizes: rotary positions, RMSNorm, SwiGLU, tied embeddings."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from taojin.core.errors import unknown

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# Rotary positions have no table that ends; this only says how far a reader should trust the model.
POSITIONS = 2048


@dataclass(frozen=True)
class Size:
    """The shape of a decoder, without its vocabulary."""

    width: int
    layers: int
    heads: int
    feed_forward: int


SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "nano": Size(width=128, layers=4, heads=4, feed_forward=384),
        "micro": Size(width=256, layers=6, heads=4, feed_forward=704),
        "small": Size(width=768, layers=12, heads=12, feed_forward=2048),  # GPT-2's 124 M
    }
)


@dataclass(frozen=True)
class Vocabulary:
    """How many token ids there are, and the special ones that the model's files name."""

    size: int
    bos: int | None = None
    eos: int | None = None
    pad: int | None = None


def size_named(name: str) -> Size:
    """The shape with that name; UserError if there is none."""
    if name not in SIZES:
        raise unknown("training", "size", name, SIZES)
    return SIZES[name]


def parameter_count(size: Size, vocabulary: int) -> int:
    """Weights of the decoder: one embedding matrix, shared with the output, and the layers.

    A layer holds four square attention matrices, three of the SwiGLU and two norms; one more
    norm follows the last. nano with 8,000 tokens: 1.9 M; small with 50,257: 123.6 M.
    """
    layer = 4 * size.width**2 + 3 * size.width * size.feed_forward + 2 * size.width
    return vocabulary * size.width + size.layers * layer + size.width


def build(size: Size, vocabulary: Vocabulary, seed: int) -> "PreTrainedModel":
    """A decoder with random float32 weights on the CPU; the same seed gives the same weights.

    The caller's random state is left as it was.
    """
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig

    # pad is named in the generation settings only: as the embedding's padding index it would stop
    # that row from being trained, and in many tokenizers pad and end of text are one token
    config = LlamaConfig(
        vocab_size=vocabulary.size,
        hidden_size=size.width,
        intermediate_size=size.feed_forward,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        bos_token_id=vocabulary.bos,
        eos_token_id=vocabulary.eos,
    )
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        # the boolean mask of a packed row is SDPA's; eager attention would add it to the scores
        model: PreTrainedModel = AutoModelForCausalLM.from_config(
            config, attn_implementation="sdpa"
        )
    model.generation_config.pad_token_id = vocabulary.pad
    return model
