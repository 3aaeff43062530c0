"""What the dashboard says, in English and Korean: texts by key, columns by name."""

LANGUAGES = {"en": "English", "ko": "한국어"}

TEXTS = {
    "lake": ("Lake", "레이크"),
    "funnel": ("Funnel", "걸러내기"),
    "what_if": ("What-if", "가정해 보기"),
    "mixtures": ("Mixtures", "혼합"),
    "documents": ("Documents", "문서"),
    "runs": ("Runs", "학습"),
    "sql": ("SQL", "SQL"),
    "more": ("More panels", "패널 더 보기"),
    "table": ("Table", "표"),
    "query": ("Query", "질의"),
    "shown": ("{n:,} rows", "{n:,}행"),
    "cut": (
        "only the first {n:,} rows are shown; ask a narrower question",
        "처음 {n:,}행만 표시합니다. 질의를 좁혀 보세요",
    ),
    "no_rows": ("No rows.", "행이 없습니다."),
    "missing": ("Not there yet", "아직 없습니다"),
    "made_by": ("This makes it:", "만드는 명령:"),
    "refused": ("The question failed", "질의가 실패했습니다"),
    "nobody": ("(none)", "(없음)"),
    "all": ("(all)", "(전체)"),
    "version": ("version {version} of {root}", "{root}의 {version}번 버전"),
    "language": ("Language", "언어"),
    "refresh": ("Ask again", "다시 묻기"),
    "run_query": ("Run", "실행"),
    "sql_text": ("SQL: one select", "SQL: select 하나"),
    "sql_keys": (
        "Ctrl-Enter runs, Ctrl-Space completes, Tab takes",
        "Ctrl-Enter 실행, Ctrl-Space 자동 완성, Tab 선택",
    ),
    "load_query": ("Load a query of sql/", "sql/의 질의 불러오기"),
    "load_hint": ("replaces the text below", "아래 글을 바꿉니다"),
    "asking": ("Asking …", "질의 중 …"),
    "result": ("{n:,} rows in {seconds:.2f} s", "{n:,}행, {seconds:.2f}초"),
    "chart": ("Chart", "차트"),
    "chart_table": ("table only", "표만"),
    "chart_bar": ("bars", "막대"),
    "chart_line": ("lines", "선"),
    "chart_point": ("points", "점"),
    "chart_heatmap": ("heat map", "히트맵"),
    "axis_x": ("Across (x)", "가로(x)"),
    "axis_y": ("Up (y)", "세로(y)"),
    "axis_color": ("Colour", "색"),
    "chart_number": (
        "This chart needs a column of numbers: {where}",
        "이 차트에는 숫자 열이 필요합니다: {where}",
    ),
    "chart_cut": (
        "the chart shows the first {n:,} rows",
        "차트는 처음 {n:,}행만 표시합니다",
    ),
    "export": ("Whole result as a file", "전체 결과를 파일로"),
    "export_most": (
        "A file is made when it is asked for. It holds at most {n:,} rows or {mb} MiB and may "
        "take {seconds:.0f} s; of more none is made, and `kormo sql --out` writes any number. In "
        "CSV, text that a spreadsheet would take for a formula begins with an apostrophe.",
        "파일은 누를 때 만듭니다. 최대 {n:,}행, {mb} MiB, {seconds:.0f}초이며, 넘으면 만들지 "
        "않습니다. `kormo sql --out`에는 행 수 제한이 없습니다. CSV에서는 스프레드시트가 수식으로 "
        "읽을 글 앞에 작은따옴표를 붙입니다.",
    ),
    "export_nested": (
        "CSV cannot hold lists and structures",
        "CSV에는 목록과 구조체를 담을 수 없습니다",
    ),
    "mixture": ("Mixture", "혼합"),
    "mixture_sql": ("How it was asked", "질의와 매개변수"),
    "mixture_from": (
        "asked of version {version}, kept by tag {tag}",
        "{version}번 버전에 물었고, 태그 {tag}가 지킵니다",
    ),
    "mixture_diff": ("What changed between two", "두 혼합의 차이"),
    "mixture_same": ("{n:,} documents are the same in both", "문서 {n:,}건은 둘 다 같습니다"),
    "mixture_equal": (
        "Both are the same rows in the same order.",
        "두 혼합은 순서까지 같은 행입니다.",
    ),
    "mixture_order": (
        "Both draw the same documents, in another order.",
        "같은 문서를 다른 순서로 뽑습니다.",
    ),
    "mixture_name": ("Name of a mixture", "혼합의 이름"),
    "mixture_name_help": (
        "Writes sql/mixtures/NAME.sql in the folder that the dashboard was started in.",
        "대시보드를 시작한 폴더에 sql/mixtures/NAME.sql 파일을 씁니다.",
    ),
    "save_mixture": ("Save as mixture", "혼합으로 저장"),
    "saved": ("Wrote {path}. To record it:", "{path} 파일을 썼습니다. 기록하려면:"),
    "parameter": ("parameter", "매개변수"),
    "value": ("value", "값"),
    "before": ("Before", "이전"),
    "after": ("After", "이후"),
    "password": ("Password", "비밀번호"),
    "wrong_password": ("That is not the password.", "비밀번호가 아닙니다."),
    "enter": ("Enter", "들어가기"),
    "read_only": (
        "Nothing here writes to the lake.",
        "여기서는 레이크에 아무것도 쓰지 않습니다.",
    ),
}
"""English and Korean by key; `{name}` is filled in."""

COLUMNS = {
    "lang": ("language", "언어"),
    "source": ("source", "출처"),
    "origin": ("origin", "기원"),
    "kind": ("kind", "종류"),
    "synthesizer": ("synthesizer", "생성 모델"),
    "tokenizer": ("tokenizer", "토크나이저"),
    "component": ("component", "구성 요소"),
    "mixture": ("mixture", "혼합"),
    "version": ("version", "버전"),
    "step": ("step", "단계"),
    "reason": ("reason", "이유"),
    "run": ("run", "학습"),
    "n_documents": ("documents", "문서 수"),
    "n_kept": ("kept", "남은 문서"),
    "n_removed": ("removed", "제거된 문서"),
    "n_left": ("left", "남은 문서"),
    "n_tokens": ("tokens", "토큰 수"),
    "n_bytes": ("bytes", "바이트"),
    "n_repeated_tokens": ("tokens × repeats", "토큰 × 반복"),
    "n_repeated_bytes": ("bytes × repeats", "바이트 × 반복"),
    "percent": ("%", "%"),
    "repeats": ("repeats", "반복"),
    "loss": ("loss, nats a token", "손실(토큰당 nat)"),
    "lr": ("learning rate", "학습률"),
    "grad_norm": ("gradient norm", "기울기 노름"),
    "tokens": ("tokens seen", "본 토큰"),
    "tokens_per_s": ("tokens a second", "초당 토큰"),
    "bpb": ("bits per byte", "바이트당 비트"),
    "measure": ("measure", "단위"),
    "facet": ("by", "기준"),
    "candidates": ("candidates", "대상"),
    "n_candidates": ("candidates", "대상 문서"),
    "n_unknown": ("value unknown", "값 없음"),
    "n_languages": ("languages", "언어 수"),
    "n_sources": ("sources", "출처 수"),
    "n_synthesizers": ("synthesizers", "생성 모델 수"),
    "n_columns": ("columns", "열 수"),
    "steps": ("steps that decide besides", "함께 판정하는 단계"),
    "min_quality_bin": ("quality percentile, at least", "품질 백분위, 최소"),
    "min_lang_bin": ("language score in tenths, at least", "언어 점수(십분위), 최소"),
    "max_bff_percent": ("n-grams seen before, at most %", "이미 본 n-gram, 최대 %"),
    "min_difficulty_bin": ("difficulty, at least", "난이도, 최소"),
    "min_chars": ("characters, at least", "글자 수, 최소"),
    "max_chars": ("characters, at most", "글자 수, 최대"),
    "min_bin": ("percentile, at least", "백분위, 최소"),
    "only_newest": ("newest versions only", "최신 버전만"),
    "threshold": ("threshold", "문턱값"),
    "words": ("words, or begin of an id", "낱말 또는 ID의 앞부분"),
    "most": ("rows at most", "최대 행 수"),
    "column": ("column", "열"),
    "keep": ("keep", "남길 쪽"),
    "width": ("width of a step", "간격"),
    "text": ("text", "본문"),
    "doc_id": ("document", "문서"),
}
"""What a column is called on an axis; others are called by their name."""


def say(key: str, language: str, **values: object) -> str:
    """The text of a key, with its values filled in."""
    return TEXTS[key][language == "ko"].format(**values)


def column(name: str, language: str) -> str:
    """What a column is called."""
    if name in COLUMNS:
        return COLUMNS[name][language == "ko"]
    return name.removeprefix("n_").replace("_", " ")
