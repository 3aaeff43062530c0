"""A lake of any number of rows with realistic columns and no text, for benchmarks of questions.

    python bench/large_lake.py FOLDER [ROWS]

Languages, sources, synthesizers and origins in uneven shares (69 % of Korean is synthetic, as in
the paper), lengths log-normal by source, verdicts of the steps that decide, bins of quality and
language; columns carry the steps that would have written them. The same number of rows gives the
same lake. 5 million rows take about a minute.
"""

import sys

import numpy as np
import pyarrow as pa

import lake
from lake.column import Column
from lake.provenance import owned_field
from lake.tables import TABLES

BATCH = 250_000
SOURCES = {
    # language, source, origin, kind, share of rows, median bytes
    "ko": (
        ("web_ko", "crawled", "web", 0.19, 2600),
        ("wiki_ko", "curated", "encyclopedia", 0.04, 1400),
        ("statutes", "curated", "law", 0.03, 5200),
        ("cosmopedia_ko", "synthetic", "textbook", 0.17, 3800),
        ("web_rewrite_ko", "synthetic", "web", 0.16, 2300),
        ("nemotron_ko", "translated", "web", 0.11, 3100),
    ),
    "en": (
        ("dclm", "crawled", "web", 0.17, 4400),
        ("fineweb_edu", "crawled", "web", 0.09, 4900),
        ("stack_docs", "curated", "tech-doc", 0.03, 6800),
        ("cosmopedia_en", "synthetic", "textbook", 0.01, 3900),
    ),
}
SYNTHESIZERS = ("qwen3-30b", "gpt-oss-120b", "gemma3-27b", "exaone-32b", "llama3-70b")
SHARES = (0.42, 0.23, 0.16, 0.12, 0.07)
VERDICTS = {
    "length": (("too_short", 0.03), ("too_long", 0.004)),
    "lang": (("language_uncertain", 0.02), ("language_mismatch", 0.015)),
    "url": (("banned_domain", 0.012),),
    "gopher_quality": (("few_stop_words", 0.05), ("many_symbols", 0.02)),
    "exact": (("duplicate", 0.04),),
    "minhash": (("near_duplicate", 0.09),),
    "bff": (("duplicate", 0.06),),
    "quality": (("low_quality", 0.18),),
}


def make(root: str, n_rows: int) -> lake.Lake:
    """Make the lake at `root`; nothing may be there."""
    lk = lake.create(root)
    fields = list(TABLES["documents"].schema) + [
        owned_field(Column(name, type_, meaning), _Step(step))
        for name, type_, step, meaning in _COLUMNS
    ]
    schema = pa.schema(fields)
    batches = (
        _rows(start, min(BATCH, n_rows - start), schema) for start in range(0, n_rows, BATCH)
    )
    import lance

    reader = pa.RecordBatchReader.from_batches(schema, batches)
    lance.write_dataset(reader, lk.uri("documents"), enable_stable_row_ids=True)
    return lk


class _Step:
    """Names a column's owner."""

    version, fingerprint = 1, "bench"

    def __init__(self, name: str) -> None:
        self.name = name


_COLUMNS = (
    ("lang_score", pa.float32(), "lang", "the model's probability of that language"),
    ("lang_bin", pa.int8(), "lang", "tenth of lang_score, 0 to 9"),
    ("n_chars", pa.int64(), "length", "code points"),
    ("n_bytes", pa.int64(), "length", "bytes in UTF-8"),
    ("n_words", pa.int64(), "length", "words"),
    ("n_tokens_demo", pa.int64(), "n_tokens", "tokens"),
    ("quality_score", pa.float32(), "quality", "the model's score"),
    ("quality_bin", pa.int8(), "quality", "percentile of quality_score by language, 0 to 99"),
    ("bff_total", pa.int64(), "bff", "n-grams compared"),
    ("bff_contained", pa.int64(), "bff", "n-grams of these that were seen before"),
    ("difficulty_bin", pa.int8(), "difficulty", "0 easy to 9 hard"),
    *((f"{step}_reason", pa.string(), step, "kept, or why not") for step in VERDICTS),
)


def _rows(start: int, n: int, schema: pa.Schema) -> pa.RecordBatch:
    random = np.random.default_rng((7, start))
    known = [(lang, *source) for lang, of_lang in SOURCES.items() for source in of_lang]
    shares = np.array([source[4] for source in known])
    which = random.choice(len(known), n, p=shares / shares.sum())
    lang, source, origin, kind = (
        pa.DictionaryArray.from_arrays(which, [one[i] for one in known]).cast(pa.string())
        for i in range(4)
    )
    median = np.array([one[5] for one in known])[which]
    n_bytes = (median * np.exp(random.normal(0, 0.9, n))).astype(np.int64) + 1
    is_ko = np.array([one[0] == "ko" for one in known])[which]
    made = np.array([one[2] in ("synthetic", "translated") for one in known])[which]
    writer = random.choice(len(SYNTHESIZERS), n, p=SHARES)
    synthesizer = pa.DictionaryArray.from_arrays(pa.array(writer, mask=~made), SYNTHESIZERS).cast(
        pa.string()
    )
    n_chars = np.where(is_ko, n_bytes * 0.45, n_bytes).astype(np.int64) + 1
    score = np.clip(random.beta(12, 1.2, n), 0, 0.9999).astype(np.float32)
    quality = random.beta(2, 2, n).astype(np.float32)
    total = n_chars // 3 + 1
    columns = {
        "doc_id": pa.array(np.char.add("d", np.arange(start, start + n).astype("U12"))),
        "source_id": pa.array(np.arange(start, start + n).astype("U12")),
        "lang": lang,
        "source": source,
        "origin": origin,
        "kind": kind,
        "synthesizer": synthesizer,
        "ingest_run": pa.array([f"ingest-{start // 1_000_000}"] * n),
        "lang_score": score,
        "lang_bin": (score * 10).astype(np.int8),
        "n_chars": n_chars,
        "n_bytes": n_bytes,
        "n_words": n_chars // 4 + 1,
        "n_tokens_demo": n_bytes // np.where(is_ko, 5, 4) + 1,
        "quality_score": quality,
        "quality_bin": (quality * 100).astype(np.int8),
        "bff_total": total,
        "bff_contained": (total * random.beta(0.4, 3, n)).astype(np.int64),
        "difficulty_bin": random.binomial(9, 0.35, n).astype(np.int8),
    }
    for step, reasons in VERDICTS.items():
        words = ["kept", *(reason for reason, _ in reasons)]
        p = [share for _, share in reasons]
        drawn = random.choice(len(words), n, p=[1 - sum(p), *p])
        columns[f"{step}_reason"] = pa.DictionaryArray.from_arrays(drawn, words).cast(pa.string())
    empty = pa.nulls(n)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(columns[field.name]).cast(field.type)
            if field.name in columns
            else empty.cast(field.type)
            for field in schema
        ],
        schema=schema,
    )


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000)
