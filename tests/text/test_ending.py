"""Texts that come to an end, and texts that stop."""

import pytest

from kormo_ds.text.ending import is_cut_off

ENDED = [
    "",
    " \n",
    "바다는 아침마다 다른 빛깔로 마을을 깨운다.",
    "바다는 아침마다 다른 빛깔로 마을을 깨운다",  # no full stop, and a predicate
    "오늘은 날씨가 정말 좋아서 멀리 나가 보았어요",
    "그는 오래 망설이다가 “그래도 가야지.”",
    "모두 함께 해 보면 좋겠습니다! 😊",
    "정말 재미있는 하루를 보내고 집에 왔다ㅎㅎ",
    "**이것이 우리가 오래 기억해야 할 점입니다.**",
    "할머니가 밥을 아주 천천히 잡수신다. (올바른 높임 표현)",
    "- 물 한 컵과 소금 조금, 그리고 참기름 반 큰술",
    "3. 마지막으로 창문을 열어 환기하고 정리하기",
    "| 이름 | 나이 | 사는 곳 | 하는 일 |",
    "## 함께 읽으면 좋은 글과 그 밖의 자료",
    "준비물: 물, 소금, 참기름, 파, 마늘 그리고 달걀",
    "따라서 두 번째로 미분한 값은 f''(x) = 18x + 4",
    "갯수, 숫자, 촛점, 툇간, 횟수",
    "다음과 같습니다.\n```python\nprint(1)\n```",
    "끝.\n---",
    "The sea is blue and the gulls complain about it.",
    'She turned around and said, "Not today."',
    "<p>We make home improvement easy and free of stress.</p>",
    "The original is found at https://example.org/a/b/",
    "You can call it as print(lcm([5, 7, 11]))",
]  # fmt: skip
CUT = [
    "바다는 아침마다 조금씩 다른 빛깔로 마을을",
    "첫째 문단은 끝났다.\n\n둘째 문단은 아직 이어지고 있는데 그 까닭은",
    "이 방법은 다음과 같은 장점이 있습니다:",
    "- 물 한 컵,",
    "그는 이렇게 말했다. “우리가 여기에서 함께",
    "다음과 같습니다.\n```python\nprint(1)\nfor x in range(3):\n    y = x",
    "This is a sentence that goes on until the very last",
    "There are three kinds of them, namely",
    "It was the (",
]


@pytest.mark.parametrize("text", ENDED)
def test_ends(text):
    assert not is_cut_off(text)


@pytest.mark.parametrize("text", CUT)
def test_stops(text):
    assert is_cut_off(text)
    assert is_cut_off(text + " \n")
