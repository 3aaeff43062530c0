"""Rows of every file that a task of ours reads, written by hand; two or three of each."""

CHOICES = [
    {"question": "What do bees make?", "choices": ["honey", "bread", "glass", "rain"], "answer": 0},
    {"question": "Which one is a metal?", "choices": ["wood", "iron", "wool", "salt"], "answer": 1},
    {"question": "When is it dark?", "choices": ["noon", "at night", "dawn", "May"], "answer": 1},
]
PAIRS = [
    {
        "question": "How do I warm soup?",
        "choices": ["On the stove.", "In the fridge."],
        "answer": 0,
    },
    {"question": "How do I dry a shirt?", "choices": ["In the rain.", "In the sun."], "answer": 1},
]
BLANKS = [
    {"question": "Ann thanked Eve because _ had helped.", "choices": ["Ann", "Eve"], "answer": 1},
    {
        "question": "The cup fell off the shelf, so _ broke.",
        "choices": ["it", "shelf"],
        "answer": 0,
    },
]
SUMS = [
    {"question": "Mina has 3 pens and buys 4. How many?", "answer": "3 + 4 = 7\n#### 7"},
    {"question": "A box holds 6 eggs. How many in 2?", "answer": "6 * 2 = 12\n#### 12"},
    {"question": "Ten birds, four fly off. How many stay?", "answer": "10 - 4 = 6\n#### 6"},
]
PROGRAMS = [
    {
        "task_id": "Own/0",
        "prompt": 'def twice(x):\n    """Two times x."""\n',
        "entry_point": "twice",
        "canonical_solution": "    return 2 * x\n",
        "test": "def check(candidate):\n    assert candidate(3) == 6\n",
    }
]
BOOLQ = [
    {"paragraph": "등대는 밤에 빛을 낸다.", "question": "등대는 밤에 어두운가?", "label": 0},
    {"paragraph": "소금은 바닷물에 녹아 있다.", "question": "바닷물은 짠가?", "label": 1},
    {"paragraph": "기차는 세 시에 떠났다.", "question": "기차는 네 시에 떠났는가?", "label": 0},
]
COPA = [
    {
        "premise": "비가 왔다.",
        "question": "결과",
        "alternative_1": "길이 젖었다.",
        "alternative_2": "길이 말랐다.",
        "label": 0,
    },
    {
        "premise": "창문이 깨졌다.",
        "question": "원인",
        "alternative_1": "해가 떴다.",
        "alternative_2": "공이 날아왔다.",
        "label": 1,
    },
]
ENDINGS = [
    {
        "context": "아이가 물을 컵에 따른다.",
        "endings": ["물을 마신다.", "배가 떠난다.", "산이 높다.", "문이 운다."],
        "label": 0,
    },
    {
        "context": "종이 울리고 문이 열린다.",
        "endings": ["비가 온다.", "책이 잔다.", "학생들이 나온다.", "섬이 뜬다."],
        "label": 2,
    },
]
REVIEWS = [{"sentence": "맛이 좋아요", "label": 1}, {"sentence": "다시는 안 가요", "label": 0}]
WORDS = [
    {
        "word": "배",
        "context_1": "[배]를 타고 섬에 갔다.",
        "context_2": "[배]가 고프다.",
        "label": 0,
    },
    {"word": "눈", "context_1": "[눈]이 내린다.", "context_2": "[눈]이 쌓였다.", "label": 1},
]
SUBJECTS = [
    {"question": "물의 화학식은?", "choices": ["H2O", "CO2", "NaCl", "O2"], "answer": 0},
    {"question": "2와 3의 합은?", "choices": ["4", "5", "6", "7"], "answer": 1},
]
FILES = {
    "kobest_boolq_dev": BOOLQ,
    "kobest_boolq_train": BOOLQ[::-1],
    "kobest_copa_dev": COPA,
    "kobest_hellaswag_dev": ENDINGS,
    "kobest_sentineg_dev": REVIEWS,
    "kobest_wic_dev": WORDS,
    "arc_easy_test": CHOICES,
    "arc_challenge_test": CHOICES[::-1],
    "piqa_validation": PAIRS,
    "openbookqa_test": CHOICES,
    "winogrande_validation": BLANKS,
    "kmmlu_train_sample": SUBJECTS,
    "kmmlu_cot_fewshot_exemplars": SUBJECTS[::-1],
    "gsm8k_test": SUMS,
    "humaneval": PROGRAMS,
}
