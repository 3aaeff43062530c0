"""C4's line rules and its sentences against literal lines and a naive filter."""

import random
import re

import numpy as np
import pyarrow as pa
import pytest
import regex

from kormo_ds.text import c4, characters, sentences

RULES = c4.C4Lines._fields[:8]
CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]", re.ASCII)
LONGEST = 12


def counted(texts, terminal=True):
    found = c4.of(pa.array(texts, pa.string()), LONGEST, 3, terminal)
    return [tuple(map(int, row)) for row in zip(*found, strict=True)]


def rule(line, terminal=True):
    words = line.split()
    bare = CITATION.sub("", line.strip())
    if any(len(word) > LONGEST for word in words):
        return "long_word"
    if terminal and (not bare.endswith((".", "?", "!", '"', "'")) or bare.endswith("...")):
        return "no_terminal"
    if len(words) < 3:
        return "few_words"
    small = re.sub("[A-Z]", lambda letter: letter[0].lower(), line)
    for name, phrases in {
        "lorem_ipsum": ["lorem ipsum"],
        "javascript": ["javascript"],
        "brace": ["{"],
        "policy": c4.POLICY,
    }.items():
        if any(phrase in small for phrase in phrases):
            return name
    return "kept"


def n_sentences(line):
    """The parts of a line that marks, what they close and white space end."""
    ends = regex.finditer(
        r"(?P<marks>\p{Sentence_Terminal}+)[\p{Sentence_Break=Close}]*+(?P<space>\s*)", line.strip()
    )
    n, behind = 0, 0
    for end in ends:
        after = line.strip()[end.end() :]
        space = end["space"] or not after or not end["marks"][-1].isascii()
        small = end["marks"][-1] == "." and after and regex.match(r"\p{Lowercase}", after)
        if space and not small:
            n, behind = n + 1, end.end()
    return n + bool(line.strip()[behind:])


def naive(text, terminal=True):
    lines = [line for line in text.split("\n") if line.strip()]
    found = [rule(line, terminal) for line in lines]
    kept = [line for line, name in zip(lines, found, strict=True) if name == "kept"]
    return (*map(found.count, RULES), sum(map(n_sentences, kept)), text.count("{"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("이것은 하나의 문장이다.", "kept"),
        ('He said "no way!"', "kept"),
        ("It's the dogs'", "kept"),
        ("두 낱말.", "few_words"),
        ("끝이 없는 문장 하나", "no_terminal"),
        ("끝이 없는 문장 하나...", "no_terminal"),
        ("끝이 없는 문장 하나…", "no_terminal"),
        ("끝이 있는 문장 ..", "kept"),
        ("닫는 따옴표로 끝난다.”", "no_terminal"),
        ("인용이 달린 문장이다.[1]", "kept"),
        ("인용이 달린 말.[1][edit] [] 말.[citation needed][]", "kept"),
        ("인용이 달린 문장이다. [1]", "no_terminal"),
        ("인용이 달린 문장이다.[a]", "no_terminal"),
        ("인용이 달린 문장이다.[[1]]", "no_terminal"),
        ("[1]", "no_terminal"),
        ("열두글자를넘지않는다니까 두 낱말.", "kept"),
        ("열두글자를확실하게넘는낱말 두 낱말.", "long_word"),
        ("a 열두글자를확실하게넘는낱말", "long_word"),
        ("a b Lorem Ipsum.", "lorem_ipsum"),
        ("lorem ipsum and javascript.", "lorem_ipsum"),
        ("Please enable JavaScript now.", "javascript"),
        ("use { braces } here.", "brace"),
        ("no mark { at the end", "no_terminal"),
        ("we use cookies here.", "policy"),
        ("our Privacy Policy is.", "policy"),
        ("the TERMS OF USE.", "policy"),
        ("we used cookies here.", "kept"),
        ("javascrip t lorem.", "kept"),
    ],
)
def test_rules(line, name):
    assert rule(line) == name
    assert dict(zip(RULES, counted([f"\n \n  {line} \n"])[0], strict=False))[name] == 1
    assert sum(counted([f"\n \n  {line} \n"])[0][:8]) == 1


@pytest.mark.parametrize(
    ("line", "n"),
    [
        ("", 0),
        ("  ", 0),
        ("끝", 1),
        ("하나다. 둘이다.", 2),
        ("하나다. 둘이다", 2),
        ("One. Two! Three? Four.", 4),
        ("e.g. this one, v1.2 and 3.5 too.", 1),
        ("Mr. Kim came.", 2),
        ('"Really?" he asked. "Yes." (Good.) End.', 5),
        ("음... 그렇다. 음... well", 3),
        ("what?! no", 2),
        ("a?b=1 c.", 1),
        ("一。二！三", 3),
        ("끝. \u3000", 1),
    ],
    ids=ascii,
)
def test_sentences(line, n):
    data = np.frombuffer(b"." + line.encode() + b"a.", np.uint8)
    assert n_sentences(line) == n
    assert sentences.count(data, 1, 1 + len(line.encode()), *characters.tables()) == n


def test_each_line_that_is_not_blank_is_counted_once():
    text = "제목\n\n첫 문장은 이렇다. 둘째다.\n{ 코드는 여기 }\n짧다.\n \nsee { it now."
    assert counted([text]) == [naive(text)] == [(0, 2, 1, 0, 0, 1, 0, 1, 2, 2)]


def test_without_the_rule_for_marks():
    text = "끝이 없는 문장 하나\n{ 코드는 여기 }"
    assert counted([text], terminal=False) == [naive(text, terminal=False)]
    assert counted([text], terminal=False) == [(0, 0, 0, 0, 0, 1, 0, 1, 1, 1)]


def test_null_and_nothing():
    assert counted([None, ""]) == [(0,) * 10] * 2
    assert counted([]) == []


def test_random_texts():
    draw = random.Random(6)
    parts = ["ab ", "가나 ", "\n", ".", "!", '"', "[1]", "[edit]", "{", "lorem ipsum", "\u3000"]
    parts += ["Use cookies", "jAvaScript", "。", "가나다라마바사", ". ", ". A", "[", "]", "12", "”"]
    texts = ["".join(draw.choices(parts, k=draw.randrange(25))) for _ in range(4000)]
    assert counted(texts) == [naive(text) for text in texts]
    assert counted(texts, terminal=False) == [naive(text, terminal=False) for text in texts]


def test_real_texts(real_texts):
    texts = [text.replace("\r", "") for text in real_texts]
    assert counted(texts) == [naive(text) for text in texts]
