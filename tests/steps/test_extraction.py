"""`extraction`: shares and reasons on literal texts, and real text that must pass."""

import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.extraction import Extraction

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
PROSE = "바다는 아침마다 다른 빛깔로 마을을 깨우고, 어부들은 해가 뜨기 전에 그물을 손질한다. " * 3
SCRIPT = """<div class="menu">
<li><a href="/">홈</a></li>
var tracker = new Tracker({
document.getElementById('a').innerHTML = '';
$(document).ready(function() {
gtag('config', 'UA-1');
.menu ul { margin: 0;
color: #fff;
"name": "value",
});
"""


def judged(text, **settings):
    batch = pa.RecordBatch.from_pydict({"text_clean": pa.array([text], pa.string())})
    (row,) = Extraction(**settings)(batch).to_pylist()
    return row


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "kept"),
        (PROSE, "kept"),
        (PROSE + "ㅋㅋㅋㅋ 정말 재밌다 ㅠㅠㅠ", "kept"),
        (PROSE + "\ufffd", "lost_characters"),
        (PROSE + "â€™ ì•ˆ", "mojibake"),
        (PROSE + "ㅎㅏㄴㄱㅡㄹㅇㅣㄷㅏ", "broken_jamo"),
        (PROSE + "&nbsp;&quot;", "entities"),
        (SCRIPT, "markup_lines"),
        ("```\n" + SCRIPT + "```\n" + PROSE, "kept"),
        (PROSE + "붙여쓴글" * 30, "unspaced_text"),
        (PROSE + "iVBORw0KGgoAAAANSUhEUgAAAAUA5" * 3, "base64_text"),
        (PROSE + "★" * 80, "repeated_marks"),
        ("자바스크립트를 활성화해 주세요.\n메뉴 본문", "notice_page"),
        ("We use cookies to improve our site.\nWelcome", "notice_page"),
        ("요청하신 페이지를 찾을 수 없습니다.", "notice_page"),
        ("쿠키를 굽는 날이면 집 안에 버터 냄새가 가득했다.", "kept"),
        ("a < b 이고 c > d 이면 <호출>은 소설집이다.", "kept"),
    ],
    ids=ascii,
)
def test_reason(text, reason):
    assert judged(text)["extraction_reason"] == reason


def test_every_line_of_a_script_is_markup():
    assert judged(SCRIPT)["markup_share"] == 1


def test_shares_are_of_characters_without_white_space():
    assert judged("가 나\n다 \ufffd") == {
        column.name: pytest.approx(0.25) if column.name == "replacement_share" else 0
        for column in Extraction.columns[:-1]
    } | {"extraction_reason": "lost_characters"}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"max_replacement": 1.0}, PROSE + "\ufffd"),
        ({"max_unspaced": 0.9}, PROSE + "붙여쓴글" * 30),
        ({"long_run": 200}, PROSE + "붙여쓴글" * 30),
        ({"max_notice": 1.0}, "요청하신 페이지를 찾을 수 없습니다."),
    ],
    ids=ascii,
)
def test_settings(settings, text):
    assert judged(text)["extraction_reason"] != "kept"
    assert judged(text, **settings)["extraction_reason"] == "kept"


def test_settings_that_make_no_sense():
    with pytest.raises(BadConfig, match="extraction.max_entity=2 is no share; give 0 to 1"):
        Extraction(max_entity=2)
    with pytest.raises(BadConfig, match="extraction.long_run=0 is no length; give 1 or more"):
        Extraction(long_run=0)


@pytest.mark.parametrize(
    ("name", "least"),
    [("ko/nsmc_review_pages", 0.995), ("ko/petitions", 0.98), ("en/gutenberg_books", 1)],
)
def test_real_text_passes(name, least):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip("the corpus of real text is not beside the project")
    import zstandard

    with zstandard.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in islice(file, 200)]
    clean = Clean()(pa.RecordBatch.from_pydict({"text": texts})).column("text_clean")
    found = Extraction()(pa.RecordBatch.from_pydict({"text_clean": clean}))
    kept = found.column("extraction_reason").to_pylist().count("kept")
    assert kept >= least * len(texts)
