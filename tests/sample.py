"""Two small folders of documents, Korean and English, for tests that need a whole lake.

    python tests/sample.py DIR      writes DIR/ko/*.md and DIR/en/*.md

Each document is drawn from sentences written for this file, with a fixed seed.
"""

import random
import sys
from pathlib import Path

KOREAN = """
바다는 아침마다 다른 빛깔로 마을을 깨운다.
어부들은 해가 뜨기 전에 그물을 손질하고 배를 띄운다.
시장에는 갓 잡은 생선과 밭에서 뽑은 무가 나란히 놓인다.
아이들은 방파제 위에서 연을 날리며 바람의 방향을 배운다.
도서관의 낡은 책장에는 지난 백 년의 신문이 묶여 있다.
사서는 매주 수요일에 어린이들에게 옛이야기를 읽어 준다.
비가 오는 날이면 찻집의 창문에 김이 서리고 사람들은 말이 많아진다.
기차역은 작지만 하루에 네 번 서울로 가는 열차가 선다.
할머니는 장독대에서 된장을 퍼 담으며 올해 콩 농사를 이야기했다.
젊은 교사는 학생들과 함께 하천의 수질을 재고 표로 정리했다.
온도가 내려가면 물의 밀도가 달라지고 호수의 층이 서로 섞인다.
프로그램은 입력을 읽고 규칙에 따라 값을 계산한 뒤 결과를 저장한다.
함수의 이름은 하는 일을 그대로 말해 주어야 한다.
오류가 나면 무엇이 잘못되었고 어떻게 고칠 수 있는지 알려 준다.
자료는 한 번만 적고 필요할 때 다시 계산하는 편이 낫다.
저녁이 되자 등대의 불빛이 천천히 바다를 쓸고 지나갔다.
산길을 따라 걷다 보면 돌담과 감나무가 번갈아 나타난다.
목수는 나무의 결을 살핀 다음에야 톱을 들었다.
편지에는 날짜와 장소가 빠짐없이 적혀 있었다.
겨울 동안 창고에 쌓아 둔 볏짚은 봄에 밭으로 돌아간다.
의사는 환자의 말을 끝까지 듣고 나서 질문을 시작했다.
지도에 없는 길은 마을 사람들의 발걸음이 만들었다.
언어를 배우는 일은 다른 사람의 아침을 상상하는 일이다.
오래된 다리는 해마다 한 번씩 나사를 조이고 색을 칠한다.
""".strip().splitlines()

ENGLISH = """
The harbour wakes before the town does, and the gulls are the first to complain.
A careful carpenter reads the grain of the wood before lifting the saw.
Water is densest a little above freezing, so lakes turn over in spring and autumn.
The library keeps a hundred years of newspapers tied in bundles of twelve.
Every Wednesday the librarian reads old tales to the children in the window seat.
A function should be named for what it does and nothing else.
When something goes wrong, say what it was, which value, and how to mend it.
The train stops here four times a day, and twice on Sundays.
Fishermen mend their nets in silence and argue only about the weather.
My grandmother measured flour with her hands and time with the church bell.
The students took samples from the river and wrote the numbers in a table.
Data that is written once and computed again is easier to trust.
Rain on the roof of the tea house makes strangers talk to each other.
The lighthouse swept the bay slowly, as if it were counting the boats.
Paths that no map shows were made by people going to work.
The doctor listened to the end and only then began to ask.
In winter the straw lies in the barn, and in spring it returns to the field.
A letter without a date is a riddle for whoever finds it.
The old bridge is tightened and painted once a year, always in May.
To learn a language is to imagine somebody else's morning.
A program reads its input, applies a few rules and stores what it found.
Children on the pier learn the wind by losing their kites to it.
The market sells fish, radishes and gossip, in that order.
Nobody remembers who planted the persimmon trees along the wall.
""".strip().splitlines()


def write(folder: Path, documents: int = 60, sentences: int = 40) -> None:
    """Write `documents` files of about `sentences` sentences in each language."""
    draw = random.Random(7)
    for lang, known in (("ko", KOREAN), ("en", ENGLISH)):
        (folder / lang).mkdir(parents=True, exist_ok=True)
        for number in range(documents):
            body = [draw.choice(known) for _ in range(draw.randint(sentences // 2, sentences))]
            paragraphs = [" ".join(body[i : i + 5]) for i in range(0, len(body), 5)]
            text = f"# {lang} {number}\n\n" + "\n\n".join(paragraphs) + "\n"
            (folder / lang / f"{number:03}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
