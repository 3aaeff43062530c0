"""A checkpoint as Hugging Face's `LlamaForCausalLM`, which other programs load without our code.

KORMo's decoder is Llama in all but the names of two norms: rotary halves, grouped heads, SwiGLU,
RMSNorm, an untied head. So tensors are renamed and cast, one shard in memory at a time, and nothing
is permuted. Which documents saw which in training (`model.mask`) and where positions began change
no text that stands alone. A model of other norms computes something else and is refused; heads of
multi-token prediction are left out, and counted. Costs reading the checkpoint twice (its manifest
is checked first) and writing it once.

    config.json, generation_config.json, model-00001-of-00003.safetensors …, an index,
    tokenizer.json, tokenizer_config.json, chat_template.jinja (the file beside this one, or, of a
    model that was trained on chats, `kormo_ds.chat`'s: it then ends an answer with <|EOT|>),
    kormo_run.yaml (the run that it comes from), README.md (`kormo_ds.export.card`)
"""

import json
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from kormo_ds.chat import TEMPLATE
from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.export import card, facts
from kormo_ds.progress import Advance, silent
from kormo_ds.run_record import manifest
from kormo_ds.text import tokens

if TYPE_CHECKING:
    from lake import Lake

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
INDEX = "model.safetensors.index.json"
_NORMS = {
    "pre_attention_layernorm": "input_layernorm",
    "pre_mlp_layernorm": "post_attention_layernorm",
}
_AHEAD = "mtp."
_CHAT = "chat_template.jinja"


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: Path
    checkpoint: Path
    n_parameters: int
    """Numbers in all tensors."""
    left_out: int
    """Tensors of multi-token prediction."""


def export(
    checkpoint: str | Path,
    folder: Path,
    dtype: str = "bf16",
    lk: "Lake | None" = None,
    advance: Advance = silent,
    temperature: float = 0.0,
) -> Exported:
    """Write a checkpoint's model to a new folder, whole or not at all.

    Args:
        checkpoint: a checkpoint's folder, or a run's for its newest.
        folder: where to; must not be there yet.
        dtype: one of `DTYPES`.
        lk: the lake of its mixtures and evaluations, for the card; None where there is none.
        advance: told of each tensor.
        temperature: at which programs draw by default; 0 takes the likeliest token.

    Raises:
        BadInput: nothing to read there, something at `folder` already, or a temperature below 0.
        BadConfig: the model is no Llama; names the setting.
        Damaged: the checkpoint is not what its manifest says.
    """
    source = manifest.find(Path(checkpoint))
    manifest.verify(source)
    run = load_run(str(source / "run.yaml"))
    if run.model.norm != "pre":
        raise BadConfig(
            f"model.norm = '{run.model.norm}' of {source} is not Llama's, which has 'pre' only; "
            f"such a model runs with kormo generate and kormo eval"
        )
    if not 0 <= temperature < math.inf:
        raise BadInput(f"temperature={temperature} wants 0 (the likeliest token) or more")
    if folder.exists():
        raise BadInput(f"{folder} is there already; remove it, or name another folder")
    vocabulary = tokens.load(str(source / "tokenizer.json"))
    known = facts.of(source, run, vocabulary)
    chat = known.state.render == "chat"
    aside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        n_parameters, left_out = _weights(source / "weights", aside, DTYPES[dtype], advance)
        written = card.Weights(dtype, n_parameters, left_out)
        (aside / "README.md").write_text(card.of(known, written, lk), encoding="utf-8")
        ids = _ids(vocabulary, chat)
        drawn = ids | _generation(run.model, vocabulary, temperature)
        _json(aside / "generation_config.json", drawn)
        _json(aside / "tokenizer_config.json", _tokenizer(run.model, chat))
        shutil.copyfile(source / "tokenizer.json", aside / "tokenizer.json")
        shutil.copyfile(TEMPLATE if chat else Path(__file__).with_name(_CHAT), aside / _CHAT)
        shutil.copyfile(source / "run.yaml", aside / "kormo_run.yaml")
        _json(aside / "config.json", _config(run.model, dtype) | ids)
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return Exported(folder, source, n_parameters, left_out)


def renamed(name: str) -> str:
    """Llama's name of one of our parameters.

    >>> renamed("layers.3.pre_mlp_layernorm.weight")
    'model.layers.3.post_attention_layernorm.weight'
    """
    parts = [_NORMS.get(part, part) for part in name.split(".")]
    return ".".join(parts if parts[0] == "lm_head" else ["model", *parts])


def _weights(source: Path, folder: Path, dtype: torch.dtype, advance: Advance) -> tuple[int, int]:
    """Write the tensors shard by shard; numbers written and tensors left out."""
    places: dict[str, str] = json.loads((source / INDEX).read_text())["weight_map"]
    advance(0, total=len(places))
    where: dict[str, str] = {}
    n_bytes = n_parameters = left_out = 0
    for shard in sorted(set(places.values())):
        held = {}
        with safe_open(source / shard, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - a safetensors file is not a mapping
                advance()
                if name.startswith(_AHEAD):
                    left_out += 1
                    continue
                held[renamed(name)] = file.get_tensor(name).to(dtype)
        save_file(held, folder / shard, metadata={"format": "pt"})
        shutil.copymode(source / shard, folder / shard)  # it was made for its owner's eyes alone
        where |= dict.fromkeys(held, shard)
        n_bytes += sum(value.nbytes for value in held.values())
        n_parameters += sum(value.numel() for value in held.values())
    _json(folder / INDEX, {"metadata": {"total_size": n_bytes}, "weight_map": where})
    return n_parameters, left_out


def _config(model: ModelConfig, dtype: str) -> dict[str, Any]:
    """Llama's words for our shape."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": model.vocab_size,
        "hidden_size": model.hidden_size,
        "intermediate_size": model.ffn_size,
        "num_hidden_layers": model.n_layers,
        "num_attention_heads": model.n_heads,
        "num_key_value_heads": model.n_kv_heads,
        "head_dim": model.head_dim,
        "hidden_act": "silu",
        "rms_norm_eps": model.norm_eps,
        "rope_theta": model.rope_theta,  # read before transformers 5
        "rope_parameters": {"rope_type": "default", "rope_theta": model.rope_theta},
        "max_position_embeddings": model.max_positions,
        "initializer_range": model.init_std,
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": False,
        "torch_dtype": str(DTYPES[dtype]).removeprefix("torch."),
    }


def _ids(vocabulary: tokens.Vocabulary, chat: bool) -> dict[str, Any]:
    """Numbers of tokens; a chat ends with its turn, or with its document."""
    ends = [vocabulary.token(tokens.EOT), vocabulary.eos] if chat else vocabulary.eos
    ids = {"bos_token_id": vocabulary.bos, "eos_token_id": ends}
    return ids | {"pad_token_id": vocabulary.pad}


def _generation(
    model: ModelConfig, vocabulary: tokens.Vocabulary, temperature: float
) -> dict[str, Any]:
    """How to draw; ids that only pad the vocabulary are never drawn.

    `do_sample` is for transformers, which ignores a temperature without it, a request's too.
    """
    drawn = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
    padding = list(range(vocabulary.size, model.vocab_size))
    return drawn | ({"suppress_tokens": padding} if padding else {})


def _tokenizer(model: ModelConfig, chat: bool) -> dict[str, Any]:
    """A text that spells a control token is no such token, as in training.

    The text of the chat template has such tokens, and breaks those that somebody else spells.
    """
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.max_positions,
        "model_input_names": ["input_ids", "attention_mask"],  # read before transformers 5
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": not chat,
        "bos_token": tokens.BOS,
        "eos_token": tokens.EOT if chat else tokens.EOS,
        "pad_token": tokens.PAD,
    }


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
