"""What is a part of a text, what is none."""

import pytest

from kormo_ds.text.kept.parts import parts, spelled

FENCED = "```py\nx = `1`\n\ny = $2$\n```"


def found(text):
    return [(part.kind, text[part.start : part.end]) for part in parts(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"가\n{FENCED}\n나", [("code", FENCED)]),
        ("- ~~~\n  in a list\n  ~~~\n", [("code", "~~~\n  in a list\n  ~~~")]),
        ("````\n```\n````", [("code", "````\n```\n````")]),
        ("`a`를 ``b ` c``", [("code", "`a`"), ("code", "``b ` c``")]),
        ("```\nnever closed", []),
        ("`over a\n\nblank line`", []),
        ("$x^2$는 $$\ny\n$$", [("formula", "$x^2$"), ("formula", "$$\ny\n$$")]),
        ("$5 and $10, US$5-$6, $A$B, $PATH:$HOME", []),
        (r"\[x = 1\] \[optional\]", [("formula", r"\[x = 1\]")]),
        (r"\(n\) \(TFVC\)", [("formula", r"\(n\)")]),
        (r"\begin{a*}1\end{b}\end{a*}", [("formula", r"\begin{a*}1\end{b}\end{a*}")]),
        ("https://a.org/b를. (http://d.kr)", [("url", "https://a.org/b"), ("url", "http://d.kr")]),
        ('[a](b.md "t") ![c](d(e).png)', [("url", "b.md"), ("url", "d(e).png")]),
        ("[r]: f.md\n", [("url", "f.md")]),
        ("{name} {{ x }}", [("placeholder", "{name}"), ("placeholder", "{{ x }}")]),
        ("%s %(n)d 5%s {1}", [("placeholder", "%s"), ("placeholder", "%(n)d")]),
        ("<b>1</b> a < b > c", [("tag", "<b>"), ("tag", "</b>")]),
        ("<!-- x\n --> <br/>", [("tag", "<!-- x\n -->"), ("tag", "<br/>")]),
    ],
)  # fmt: skip
def test_parts(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("tag", '<abbr title="three">', '<abbr title="셋">'),
        ("code", "```\n    a\n    ```", "```\na\n```"),
        ("url", "https://a.org/en-us/b", "https://a.org/ko-kr/b"),
        ("url", "/en/b", "/ko/b"),
    ],
)
def test_what_may_differ(kind, one, other):
    assert spelled(kind, one) == spelled(kind, other)


@pytest.mark.parametrize("one", ["<b>", "</b>"])
def test_what_may_not(one):
    others = {"<b>", "</b>", "<i>", "<!-- -->"} - {one}
    assert spelled("tag", one) not in {spelled("tag", other) for other in others}


HOSTILE = ["`", "$", "$a", r"\[", r"\[abc", "<!--", "```x\n", "~~~\n", r"\begin{a}", "](a(", "{a"]
HOSTILE += ["<a ", "$$", "` `` ```\n", "https://", "[a]: ", "> ", "%("]


@pytest.mark.timeout(60)
def test_hostile_texts_end():
    """Three seconds together; with a search to the end for each mark it would be hours."""
    for text in HOSTILE:
        list(parts(text * (500_000 // len(text))))
