"""Texts in English and Korean that say the same, and corruptions of them."""

PAIRS = [
    (
        """# Install the tool

Version 2.5 needs 30,000 bytes and `python3`. See [the guide](guide/install.md) first.

```bash
# print a greeting
echo "hello" --times 3
```

- Open the file {path}.
- Press <kbd>Enter</kbd> twice.

| name | size |
| --- | --- |
| small | 10 |

More at https://example.org/en/docs.
""",
        """# 도구 설치하기

버전 2.5에는 3만 바이트와 `python3`이 필요합니다. 먼저 [안내서](guide/install.md)를 보세요.

```bash
# print a greeting
echo "hello" --times 3
```

- 파일 {path}를 엽니다.
- <kbd>Enter</kbd>를 두 번 누릅니다.

| 이름 | 크기 |
| --- | --- |
| 작음 | 10 |

자세한 내용은 https://example.org/ko/docs에 있습니다.
""",
    ),
    (
        r"""## The area of a circle

The area is $A = \pi r^2$. With a radius of 12 cm, found in March 1998, it is

\[ A = 144\pi \approx 452.39 \]

### Two remarks

1. The formula holds for 1.2 million circles.
2. It was proved on page 87 of the book, and nobody has ever found a circle that it fails for.
""",
        r"""## 원의 넓이

넓이는 $A = \pi r^2$이다. 1998년 3월에 구한 반지름 12 cm의 원에서는 다음과 같다.

\[ A = 144\pi \approx 452.39 \]

### 두 가지 참고 사항

1. 이 공식은 원 120만 개에 대하여 성립한다.
2. 책 87쪽에 증명되어 있으며, 이 공식이 성립하지 않는 원을 찾아낸 사람은 아직 아무도 없다.
""",
    ),
]


def changed_number(text, draw):
    """One digit of a number in the prose is another one."""
    from kormo_ds.text.kept.parts import parts

    taken = [(part.start, part.end) for part in parts(text)]
    lines = text.splitlines(keepends=True)
    at, places = 0, []
    for line in lines:
        skip = len(line) - len(line.lstrip("0123456789.")) if line[:2] in ("1.", "2.") else 0
        digits = (i for i in range(at + skip, at + len(line)) if text[i].isdigit())
        places += [i for i in digits if not any(start <= i < end for start, end in taken)]
        at += len(line)
    i = draw.choice(places)
    other = draw.choice([digit for digit in "123456789" if digit != text[i]])
    return text[:i] + other + text[i + 1 :]


def lost_number(text, draw):
    """A number is left out."""
    import re

    found = [m for m in re.finditer(r"(?<=[ 년])\d[\d.,]*\d", text)]
    one = draw.choice([m for m in found if "echo" not in text[: m.start()].rsplit("\n", 1)[-1]])
    return text[: one.start()] + text[one.end() :]


def translated_code(text, draw):
    """A word of a block of code is Korean."""
    word = draw.choice(["print", "greeting", "echo", "hello", "times"])
    at = text.index("```")
    return text[:at] + text[at:].replace(word, draw.choice(["출력", "인사", "안녕"]), 1)


def _without_line(text, draw, begins):
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if line.startswith(begins)]
    del lines[draw.choice(places)]
    return "".join(lines)


def lost_heading(text, draw):
    return _without_line(text, draw, "#" if "```" not in text else ("# 도구",))


def lost_item(text, draw):
    return _without_line(text, draw, ("- ", "1. ", "2. "))


def lost_row(text, draw):
    return _without_line(text, draw, "| ")


def other_link(text, draw):
    return text.replace("install.md", draw.choice(["설치.md", "setup.md", "install.html"]))


def other_address(text, draw):
    return text.replace("example.org", draw.choice(["example.com", "예.org", "example.or"]))


def other_placeholder(text, draw):
    return text.replace("{path}", draw.choice(["{경로}", "path", "{path", "{file}"]))


def lost_tag(text, draw):
    return text.replace(draw.choice(["<kbd>", "</kbd>"]), "", 1)


def other_formula(text, draw):
    old, new = draw.choice([("r^2", "r^3"), ("144", "145"), (r"\approx", "="), (r"\pi", "π")])
    return text.replace(old, new, 1)


def lost_formula(text, draw):
    return text.replace(draw.choice([r"\[", r"\]", r"$A = \pi r^2$"]), "", 1)


def lost_end(text, draw):
    """All behind a paragraph is missing."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(paragraphs[: draw.randrange(1, len(paragraphs) - 1)])


def doubled(text, draw):
    """A paragraph with a number or a heading stands there twice."""
    paragraphs = [p for p in text.split("\n\n") if any(map(str.isdigit, p)) and "```" not in p]
    one = draw.choice(paragraphs)
    return text.replace(one, f"{one}\n\n{one}", 1)


CODE_TEXT = [changed_number, lost_number, translated_code, lost_heading, lost_item, lost_row]
CODE_TEXT += [other_link, other_address, other_placeholder, lost_tag, lost_end, doubled]
FORMULA_TEXT = [changed_number, lost_number, lost_heading, lost_item, other_formula, lost_formula]
FORMULA_TEXT += [lost_end, doubled]
CORRUPTIONS = [(0, change) for change in CODE_TEXT] + [(1, change) for change in FORMULA_TEXT]
