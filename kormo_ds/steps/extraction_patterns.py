"""Lines that an extraction should have left behind: markup, scripts, styles, data, and notices.

Patterns are RE2's, for one line without white space around it, case ignored; this project's own.
"""

_TAG = (
    r"</?(?:a|b|i|p|br|hr|em|li|ol|ul|td|th|tr|h[1-6]|div|img|nav|pre|svg|sup|sub|body|code|font|form|"
    r"head|html|link|meta|span|input|label|style|table|tbody|thead|title|aside|button|center|figure|"
    r"footer|header|iframe|option|script|select|source|strong|section|article|noscript)"
    r"(?:\s[^<>]{0,300})?/?>"
)
MARKUP = "|".join(
    (
        rf"^{_TAG}$",
        rf"(?:{_TAG}[^<>]{{0,20}}){{3}}",
        r"<!\[cdata\[|\]\]>|<!--|-->$",
        r"^(?:var|let|const)\s+[\w$]+\s*=.*[;{(\[]$",
        r"\bfunction\s*[\w$]*\s*\([^)]*\)\s*\{",
        r"\bdocument\.(?:getelement|queryselector|write|cookie|create)|\bwindow\.\w+\s*[=(]",
        r"\$\((?:document|window|function|['\"][#.\w])|\.addeventlistener\(",
        r"\b(?:gtag|_gaq\.push|googletag\.\w+|fbq)\(|\badsbygoogle\b|\bdatalayer\b",
        r"^(?:color|background|margin|padding|font|width|height|display|position|border|float|top|"
        r"left|right|bottom|overflow|z-index|text-align|line-height)[a-z-]*\s*:[^;{}]+;",
        r"^[.#@]?[a-z][\w\-.#:,>*\s\[\]=\"()]*\{(?:\s*[a-z-]+\s*:[^{}]*\}?)?$",
        r"^@(?:media|import|font-face|charset)\b",
        r"^[\"'][\w$\-.]+[\"']\s*:\s*\S",
        r"^\{\s*[\"'][\w$\-.@]+[\"']\s*:",
        r"^[{}()\[\];,\s]*[{}][{}()\[\];,\s]*$",
    )
)
"""A line of HTML, JavaScript, CSS or JSON; one of `{}<>;$@\"` is in each."""

NOTICE = "|".join(
    (
        r"\b(?:enable|activate|turn on|allow) (?:java ?script|cookies)",
        r"java ?script (?:is|must be|has been|needs to be|seems to be) (?:\w+ )?"
        r"(?:disabled|enabled|required|turned)|\brequires java ?script",
        r"browser (?:does(?:n.t| not) support|is (?:not supported|out of date))",
        r"\b(?:we|site|website|page|service) (?:also )?uses? cookies|accept (?:all )?cookies",
        r"\bcookie (?:policy|preferences|settings|consent)\b",
        r"\baccess (?:to this page has been )?denied\b|\bverify (?:that )?you are (?:a )?human",
        r"\bnot a robot\b|\b404 not found\b|\bpage (?:was |could )?not (?:be )?found\b",
        r"자바 ?스크립트(?:를|을|가|이)? ?(?:활성|비활성|사용|지원|허용|켜|꺼|실행)",
        r"(?:사이트|홈페이지|서비스)(?:는|에서는|은) ?쿠키",
        r"쿠키(?:를|의)? ?사용(?:하고|합니다|에 동의)",
        r"(?:지원하지 않는|지원되지 않는) ?브라우저|브라우저(?:를|에서는|는)? ?지원하지 ?않",
        r"페이지를 찾을 수 없|요청하신 페이지|존재하지 않는 (?:페이지|게시물|게시글)",
        r"삭제된 ?게시(?:물|글)|접근(?:이|을)? ?(?:거부|차단)|(?:비정상적인|잘못된) 접근",
        r"로봇이 아닙니다|보안 ?문자(?:를)? ?입력",
    )
)
"""A line that a server says in place of the page: cookies, JavaScript, robots, nothing found."""
