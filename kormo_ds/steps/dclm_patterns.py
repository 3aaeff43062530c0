"""Lines of web pages that are no text: counters of a social network, buttons, notices.

The English ones are those of DCLM (Li et al. 2024, after RefinedWeb, Penedo et al. 2023) with
their nearest variants; the Korean ones are this project's, from what Korean portals, blogs and
shops print. Patterns are RE2's, for one line without white space around it, case ignored.
"""

_NUMBER = r"[0-9](?:[0-9.,]*[0-9])?(?: ?(?:k|m|천|만|억))?\+?"
_COUNTED = (
    r"(?:likes?|loves?|shares?|comments?|replies|reply|retweets?|reposts?|quotes?|bookmarks?|"
    r"upvotes?|downvotes?|votes?|downloads?|views?|followers?|following|reactions?|subscribers?|"
    r"ratings?|reviews?|posts?|hits?)"
)
_COUNTED_KO = (
    r"(?:조회 ?수?|댓글 ?수?|덧글|답글|공감 ?수?|추천 ?수?|비추천|좋아요|싫어요|하트|스크랩|공유|"
    r"구독자 ?수?|팔로워|팔로잉|이웃|리뷰|후기|상품평|방문자 ?수?|다운로드 ?수?|리트윗)"
)
_UNIT_KO = r"(?:회|개|명|건|번|분)"
_OPEN, _CLOSE = r"[:：(\[]?", r"[)\]]?"

_ONE_COUNTER = "|".join(
    (
        rf"{_NUMBER} ?{_COUNTED}",
        rf"{_COUNTED} ?{_OPEN} ?{_NUMBER}{_CLOSE}",
        rf"{_COUNTED_KO} ?{_OPEN} ?{_NUMBER} ?{_UNIT_KO}?{_CLOSE}",
        rf"{_NUMBER} ?{_UNIT_KO}?의? ?{_COUNTED_KO}",
        rf"{_NUMBER} ?명이 ?(?:좋아|추천|공유|구독)합니다",
    )
)
_BETWEEN = r"[ \t|·•ㆍ,/.]"
COUNTER = rf"^{_BETWEEN}*(?:(?:{_ONE_COUNTER}){_BETWEEN}*)+$"
"""One or several counters and nothing else: '3 likes', '조회 123 | 댓글 3', '좋아요 12개'."""

_BUTTON = (
    r"(?:sign[- ]?(?:in|up|out)|log ?in|log ?out|add to (?:cart|basket|wishlist)|share this|"
    r"(?:더|자세히|전체|목록|원문|크게) ?보기|펼쳐 ?보기|목록(?:으로)?|이전 ?글|다음 ?글|"
    r"(?:맨 ?)?위로(?: ?가기)?|(?:본문|주 ?메뉴|메뉴|하위 ?메뉴) ?(?:으로 )?바로 ?가기|"
    r"메뉴 ?건너뛰기|로그인(?: ?하기)?|로그아웃|회원 ?가입(?: ?하기)?|(?:아이디|비밀번호) ?찾기|"
    r"마이 ?페이지|장바구니(?: ?(?:담기|보기))?|찜하기|구매하기|바로 ?구매(?:하기)?|관심 ?상품|"
    r"주문 ?조회|"
    r"(?:페이스북|트위터|카카오톡|카카오스토리|밴드|라인)?(?:에|으로|로)? ?공유(?: ?하기)?|"
    r"인쇄(?: ?하기)?|스크랩(?: ?하기)?|(?:url|링크|주소) ?복사(?:하기)?|글자 ?크기|"
    r"(?:댓글|답글|덧글) ?(?:쓰기|달기|등록)|신고(?: ?하기)?|구독(?: ?하기)?|이웃 ?추가|"
    r"이용 ?약관|개인정보 ?(?:처리|취급) ?방침|이메일 ?무단 ?수집 ?거부|고객 ?센터|사이트 ?맵)"
)
_LINKS = r"[ \t|·•ㆍ,/>»›+\[\]]"
BOILERPLATE = "|".join(
    (
        r"\bitems? in (?:your )?cart\b",
        r"(?:\bread more|\bcontinue reading|(?:^| )더 ?보기|(?:^| )자세히 ?보기)[ .…>»›+→\]]*$",
        r"^sign-in",
        rf"^{_LINKS}*(?:{_BUTTON}{_LINKS}+)*{_BUTTON}{_LINKS}*$",
        r"무단 ?(?:전재|복제|배포|도용)[^.]*금지|재배포 ?금지",
        r"^(?:copyright|저작권자)[ (]*(?:©|ⓒ|\(c\)|c\))|all rights reserved",
    )
)
"""Said in a short line: 'items in cart' anywhere, 'read more' at its end, 'sign-in' before it,
buttons and links alone, a notice of copyright."""
