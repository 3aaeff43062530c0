"""A plan: which documents are seeds, what is asked about them, who is asked, and with what shares.

    seeds (a query) × prompts (files, shares) × synthesizers (endpoints, shares)

`ds_configs/synthesis/*.yaml` are plans; `a.b=c` words lie over them. Each output (a seed and a
number 0, 1, …) has its prompt, its values of parameters and its synthesizer by a hash of the plan's
`seed` and the document's id. So shares hold in expectation, more seeds change nothing for earlier
ones, and no choice depends on which endpoint answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import lake
from kormo_ds import project, settings_file
from kormo_ds.errors import BadConfig, unknown
from kormo_ds.generate import choice, prompt, seed
from kormo_ds.generate.prompt import Prompt
from kormo_ds.generate.request import Request, Sampling
from kormo_ds.generate.seed import Seed, Seeds

FOLDER = "ds_configs/synthesis"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan.

    Raises:
        BadConfig: a value out of range, or shares of nothing.
    """

    source: str
    """`source` of the documents."""
    kind: str
    """`kind` of the documents."""
    license: str = ""
    """`license` of the documents; it depends on seeds and models, so none is assumed."""
    seeds: Seeds
    prompts: dict[str, float]
    """Share of each prompt, by its id; shares are divided by their sum, 0 is none."""
    prompt_folder: str = ""
    """A folder of one's own prompts, which go before shipped ones of the same id."""
    parameters: dict[str, list[str]] = field(default_factory=dict)
    """Values in place of those that prompts list, e.g. `parameters.audience=[고등학생]`."""
    synthesizers: dict[str, float]
    """Share of each endpoint, by its name; as `prompts`."""
    sampling: Sampling = field(default_factory=Sampling)
    """How answers are drawn."""
    per_seed: int = 1
    """Outputs of a seed."""
    topic_share: float = 0.5
    """Share of outputs whose prompt names the topic, where there is one; Cosmopedia's number."""
    languages: list[str] = field(default_factory=list)
    """Languages that prompts may ask for; empty for any."""
    seed: int = 42
    """Of all choices."""
    name: str = ""
    """That of the file."""

    def __post_init__(self) -> None:
        for name in ("source", "kind"):
            if not getattr(self, name).strip():
                raise BadConfig(f"{name}= is empty; name it")
        if self.per_seed < 1:
            raise BadConfig(f"per_seed={self.per_seed} must be 1 or more")
        if not 0 <= self.topic_share <= 1:
            raise BadConfig(f"topic_share={self.topic_share} must be from 0 to 1")
        for name in ("prompts", "synthesizers"):
            shares: dict[str, float] = getattr(self, name)
            for key, share in shares.items():
                if not 0 <= share < float("inf"):
                    raise BadConfig(f"{name}.{key}={share} is no share; give 0 or more")
            if not sum(shares.values()) > 0:
                raise BadConfig(f"{name} have no share above 0; give one, as {name}.NAME=1")

    @cached_property
    def used(self) -> dict[str, Prompt]:
        """The prompts that have a share, by id, with the plan's values for their parameters.

        Raises:
            UnknownName: a prompt, or a parameter, that does not exist.
            BadInput: a prompt that cannot be used.
            BadConfig: one that asks for another language than `languages`.
        """
        known = prompt.library(self.prompt_folder)
        found = {}
        for name in _with_share(self.prompts):
            if name not in known:
                raise unknown("prompt", name, known)
            made = prompt.read(known[name])
            if self.languages and made.language not in self.languages:
                raise BadConfig(
                    f"prompt {name} asks for '{made.language}', and the plan's languages are "
                    f"{', '.join(self.languages)}"
                )
            values = {
                key: tuple(self.parameters.get(key, listed))
                for key, listed in made.parameters.items()
            }
            found[name] = replace(made, parameters=values)
        every = {key for made in found.values() for key in made.parameters}
        for key in self.parameters:
            if key not in every:
                raise unknown("parameter of the prompts", key, every)
        return found

    @property
    def endpoints(self) -> list[str]:
        """The synthesizers that have a share."""
        return _with_share(self.synthesizers)

    def requests(self, lk: lake.Lake, endpoint: str) -> Iterator[Request]:
        """What is asked of one endpoint, in the order of the seeds.

        Raises:
            UnknownName: an endpoint that the plan does not have.
            BadContract, BadQuery: the seed query cannot be used.
        """
        if endpoint not in self.synthesizers:
            raise unknown("synthesizer of the plan", endpoint, self.synthesizers)
        for found in seed.read(lk, self.seeds):
            for sample in range(self.per_seed):
                if self.synthesizer_of(found.doc_id, sample) == endpoint:
                    yield self.request(found, sample)

    def request(self, found: Seed, sample: int) -> Request:
        """What is asked about a seed for its output number `sample`."""
        chosen = self.prompt_of(found.doc_id, sample)
        has_topic = self._unit("topic", found.doc_id, sample) < self.topic_share
        topic = found.topic if has_topic and found.topic else ""
        values = self.values_of(chosen, found.doc_id, sample)
        return Request(
            messages=chosen.messages(found.text, values, topic),
            sampling=self.sampling,
            prompt_id=chosen.name,
            parent_id=found.doc_id,
            sample=sample,
        )

    def synthesizer_of(self, doc_id: str, sample: int) -> str:
        """The endpoint of an output."""
        return choice.by_share(self.synthesizers, self._unit("synthesizer", doc_id, sample))

    def prompt_of(self, doc_id: str, sample: int) -> Prompt:
        """The prompt of an output."""
        return self.used[choice.by_share(self.prompts, self._unit("prompt", doc_id, sample))]

    def values_of(self, chosen: Prompt, doc_id: str, sample: int) -> dict[str, str]:
        """The values of a prompt's parameters for an output."""
        return {
            name: choice.one_of(values, self._unit(f"parameter {name}", doc_id, sample))
            for name, values in chosen.parameters.items()
        }

    def _unit(self, what: str, doc_id: str, sample: int) -> float:
        return choice.unit(self.seed, what, doc_id, sample)


def read(name_or_path: str, words: Sequence[str] = ()) -> Plan:
    """The plan of a name in `ds_configs/synthesis` or of a YAML file, with `a.b=c` words on top.

    Its prompts and its seed query are read, too, so that all that is wrong is said at once.

    Raises:
        UnknownName: no such plan, key, prompt or query; names the nearest.
        BadConfig, BadInput: a value of the wrong type or out of range; a file that cannot be read.
        BadQuery: a parameter that the seed query does not have.
    """
    plan = settings_file.read(Plan, "plan", name_or_path, FOLDER, words)
    assert plan.used
    seed.find(plan.seeds.query).values(plan.seeds.parameters)
    return plan


def _with_share(shares: Mapping[str, float]) -> list[str]:
    return [name for name, share in shares.items() if share > 0]


def known() -> dict[str, Path]:
    """All plans by name."""
    return project.files(FOLDER, ".yaml")
