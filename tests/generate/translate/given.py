"""What these tests share: a lake of some documents, and a server that says what it is told to."""

import hashlib

import pyarrow as pa

from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.translate import chosen, run
from kormo_ds.generate.translate.settings import Settings
from kormo_ds.generate.translate.work import How

CODE = "```py\nprint(1)\n```"


def key(name):
    """An id as the lake's are."""
    return hashlib.md5(name.encode()).hexdigest()


def documents(lk, **texts):
    """Documents by name: a text, or columns."""
    born = {"lang": "en", "source": "web", "origin": "crawled", "kind": "page"}
    rows = [
        born | {"doc_id": key(name)} | (row if isinstance(row, dict) else {"text": row})
        for name, row in texts.items()
    ]
    lk.append("documents", pa.Table.from_pylist(rows, lk.schema()))


def turn(role, content, reasoning=None):
    return {"role": role, "content": content, "reasoning": reasoning}


def says(faulty, answers):
    """A piece that holds the key is answered with the value."""
    faulty.faults(
        *({"fault": "say", "contains": key, "text": said} for key, said in answers.items())
    )


def translate(lk, faulty, in_flight=16, **given):
    """The whole command but for its words; what it wrote, by parent."""
    settings = Settings(**{"to": "ko", "where": "true", "endpoint": "small"} | given)
    endpoint = Endpoint(
        "small", faulty.url, "m", synthesizer="Model", attempts=1, in_flight=in_flight
    )
    how = How(settings.forth(), endpoint.synthesizer, settings)
    documents = chosen.choose(lk, settings)
    ask(lk, {"small": endpoint}, run.work(documents, how, "small"), "translate")
    return run.finish(lk, documents, how, endpoint)


def made(lk, *columns):
    rows = lk.dataset("documents").to_table(filter="origin = 'translated'").to_pylist()
    return {row["parent_id"]: tuple(row[name] for name in columns or ("text",)) for row in rows}


def by(name, *values):
    return {key(name): values}
