"""What packed sequences say of themselves from their first commit on."""

from typing import Any

from kormo_ds.chat import TEMPLATE
from kormo_ds.errors import BadConfig
from kormo_ds.pack.settings import Settings
from kormo_ds.recorded import Recorded
from kormo_ds.text import final, tokens
from lake import fingerprint
from lake.provenance import owner


def facts(
    source: Recorded,
    vocabulary: tokens.Vocabulary,
    settings: Settings,
    name: str,
    block_tokens: int,
) -> dict[str, Any]:
    """What the table says of itself from its first commit on."""
    identity = {
        "mixture_digest": source.mixture.digest,
        "text": "messages" if settings.render == "chat" else _text(source),
        "tokenizer_fingerprint": vocabulary.fingerprint,
        "strategy": settings.strategy,
        "length": settings.length,
        "block_tokens": block_tokens,
    }
    words = ""
    if settings.render != "text":  # so that what was packed before there were others is the same
        identity["render"] = settings.render
        words = f"render={settings.render} "
    if settings.rule:
        identity["rule"] = settings.rule
        identity["template"] = fingerprint(TEMPLATE.read_text(encoding="utf-8"))
        words += f"rule={settings.rule} "
    return identity | {
        "render": settings.render,
        "fingerprint": fingerprint("sequences", identity),
        "name": name,
        "mixture": str(source),
        "documents_version": source.mixture.documents_version,
        "tokenizer": vocabulary.name,
        "bos": vocabulary.bos,
        "eos": vocabulary.eos,
        "pad": vocabulary.pad,
        "vocab_size": vocabulary.size,
        "padded_vocab_size": vocabulary.padded_size,
        "command": f"kormo pack {source} tokenizer={vocabulary.name} length={settings.length} "
        f"strategy={settings.strategy} {words}name={name}",
    }


def _text(source: Recorded) -> str:
    """Who wrote the text that is packed, and the spans that are left out of it."""
    schema = source.dataset().schema
    owners = map(owner, [source.text(), *map(schema.field, final.needed(schema.names))])
    return ", ".join(f"{by} {by.fingerprint}" for by in owners if by)


def check_same(there: dict[str, Any], asked: dict[str, Any]) -> None:
    """Refuse other parameters under a name that is taken.

    Raises:
        BadConfig: with both fingerprints, and what differs.
    """
    if there["fingerprint"] != asked["fingerprint"]:
        differ = [
            f"{key} {there.get(key, 'text')} there, {asked[key]} asked"
            for key in ("mixture", "tokenizer", "strategy", "length", "render", "rule")
            if key in asked and there.get(key, "text") != asked[key]
        ]
        raise BadConfig(
            f"sequences '{asked['name']}' have fingerprint {there['fingerprint']}, asked is "
            f"{asked['fingerprint']} ({'; '.join(differ) or 'the same names with other content'}); "
            "choose another name=NAME"
        )
