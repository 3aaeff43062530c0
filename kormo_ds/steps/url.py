"""`url`: whether a page's address says that it is spam, pornography or betting.

The rules of RefinedWeb (Penedo et al. 2023, G.1) and DCLM: a list of domains, strict words anywhere
in the address without '-' and '.', one hard word or two soft words as whole words. The lists are
data: small ones of ours are in the package, and settings name others. A document without an
address is kept. Costs about 15 µs an address.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps import url_list
from kormo_ds.steps.step import Step
from kormo_ds.steps.url_list import UrlList
from lake import Column, Lake

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:\s]*)")
_WORDS = re.compile(r"[^\W_]+")
_LISTS = ("domains", "strict_words", "hard_words", "soft_words")


@dataclass(frozen=True)
class Url(Step):
    """The domain of a document's address, and what its words say."""

    domains: str = ""
    """Path of a list of domains, plain or .gz; empty for the shipped one, none for no list."""
    strict_words: str = ""
    """Path of a list of words that may stand nowhere in an address."""
    hard_words: str = ""
    """Path of a list of words of which none may be a word of the address."""
    soft_words: str = ""
    """Path of a list of words of which fewer than `min_soft_words` may be."""
    min_soft_words: int = 2
    """So many different soft words are too many."""

    name: ClassVar = "url"
    reads: ClassVar = ("url",)
    columns: ClassVar = (
        Column("url_domain", pa.string(), "host of url, lower case, without www.; empty for none"),
        Column("url_soft_words", pa.int32(), "different soft words that are words of url"),
        Column(
            "url_reason",
            pa.string(),
            "kept, banned_domain, strict_word, hard_word or soft_words",
        ),
    )

    def __post_init__(self) -> None:
        if self.min_soft_words < 1:
            raise BadConfig(
                f"url.min_soft_words={self.min_soft_words} would reject every address; give 1 or "
                "more, or url.soft_words=none"
            )

    @property
    def fingerprint(self) -> str:
        """Of the lists' content, not of their paths."""
        digests = [self._list(setting).digest for setting in _LISTS]
        return lake.fingerprint(self.name, self.version, digests, self.min_soft_words)

    def at(self, lk: Lake) -> Self:
        """Read the lists, so that one that cannot be used is known before anything is written."""
        self.fingerprint  # noqa: B018 -- raises where it cannot be made
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Domain, soft words and the reason."""
        urls = [readable(url) for url in pc.fill_null(batch.column("url"), "").to_pylist()]
        hosts = [host(url) for url in urls]
        words = [set(_WORDS.findall(url)) for url in urls]
        hard, soft = (frozenset(self._list(name).entries) for name in ("hard_words", "soft_words"))
        n_soft = np.array([len(found & soft) for found in words], np.int32)
        tests = {
            "banned_domain": _banned(hosts, self._list("domains")),
            "strict_word": _holding(urls, self._list("strict_words")),
            "hard_word": np.array([not found.isdisjoint(hard) for found in words], np.bool_),
            "soft_words": n_soft >= self.min_soft_words,
        }
        reason = np.select(list(tests.values()), list(tests), "kept")
        return self.written(
            pa.array(hosts, pa.string()), pa.array(n_soft), pa.array(reason.tolist(), pa.string())
        )

    def _list(self, setting: str) -> UrlList:
        return url_list.read(setting, getattr(self, setting))


def readable(url: str) -> str:
    """The address in lower case, percent signs and Punycode decoded where they can be.

    >>> readable("https://xn--3e0b707e/%ED%95%9C%EA%B8%80?Q=1")
    'https://한국/한글?q=1'
    """
    url = url.strip().lower()
    named = host(url)
    if "xn--" in named:
        with suppress(UnicodeError):
            url = url.replace(named, named.encode("ascii").decode("idna"), 1)
    return unquote(url).lower()


def host(url: str) -> str:
    """The host of a readable address, without port and `www.`; empty where it has none.

    >>> host("https://www.example.co.kr:8080/a"), host("example.com/a"), host("")
    ('example.co.kr', 'example.com', '')
    """
    found = _HOST.match(url)
    return found[1].rstrip(".").removeprefix("www.") if found else ""


def _banned(hosts: list[str], domains: UrlList) -> np.ndarray:
    """Whether a host or a domain above it is on the list, bool [n]."""
    asked, owners = [], []
    for number, name in enumerate(hosts):
        parts = name.split(".")
        asked += [".".join(parts[first:]) for first in range(len(parts)) if name]
        owners += [number] * (len(parts) if name else 0)
    banned = np.zeros(len(hosts), np.bool_)
    banned[np.array(owners, np.int64)[domains.has(asked)]] = True
    return banned


def _holding(urls: list[str], strict: UrlList) -> np.ndarray:
    """Whether an address without '-' and '.' holds a strict word, bool [n]."""
    if not strict.entries:
        return np.zeros(len(urls), np.bool_)
    bare = pa.array([url.replace("-", "").replace(".", "") for url in urls], pa.string())
    found = pc.match_substring_regex(bare, "|".join(map(re.escape, strict.entries)))
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
