"""How a mixture is packed: what `kormo pack` can be told."""

from dataclasses import dataclass, replace

from kormo_ds.chat import rules
from kormo_ds.errors import BadConfig, unknown
from kormo_ds.pack.form import RENDERS

STRATEGIES = ("concat", "best_fit")


@dataclass
class Settings:
    """How a mixture is packed."""

    tokenizer: str = ""
    """Name of a tokenizer of the lake; must be given."""
    length: int = 4096
    """Tokens in a row."""
    strategy: str = ""
    """concat: cut wherever a row ends; best_fit: cut no document that fits into a row. By default
    concat, and best_fit where render=chat, which has no other."""
    name: str = ""
    """Name of the sequences; by default the mixture's."""
    groups: bool = False
    """Keep language, source and synthesizer of each document beside the rows, for validation."""
    render: str = "text"
    """How a document is written: text, reasoning or chat (`kormo_ds.pack.form`)."""
    rule: str = ""
    """What is scored of a chat, one of `kormo_ds.chat.RULES`; by default kormo."""


def checked(settings: Settings) -> Settings:
    """The settings with what they leave open.

    Raises:
        UnknownName: no such strategy, form or rule.
        BadConfig: settings that cannot be together, or a row of one token.
    """
    chat = settings.render == "chat"
    if settings.render not in RENDERS:
        raise unknown("render", settings.render, RENDERS)
    if settings.rule and not chat:
        raise BadConfig(f"rule={settings.rule} is for render=chat alone")
    strategy = settings.strategy or ("best_fit" if chat else "concat")
    if strategy not in STRATEGIES:
        raise unknown("strategy", strategy, STRATEGIES)
    if chat and strategy != "best_fit":
        raise BadConfig(f"strategy={strategy} cuts conversations; render=chat takes best_fit")
    if settings.length < 2:
        raise BadConfig(f"length={settings.length}: a row needs at least 2 tokens")
    rule = rules.check(settings.rule or "kormo") if chat else ""
    return replace(settings, strategy=strategy, rule=rule)
