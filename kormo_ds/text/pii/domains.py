"""Top-level domains: all of countries, and the generic ones that addresses of people are under.

There are some 1,200 generic ones; the rare ones are left out, for in code `a@b.conj` is more often
a product of matrices than an address (countries: ISO 3166).
"""

_GENERIC = (
    "com org net edu gov mil int info biz name pro mobi coop aero museum jobs asia cat tel travel "
    "app dev page blog cloud tech online site store shop xyz club live life news media email work "
    "agency company design digital studio network systems software solutions services support "
    "group team today world zone space website host global expert education academy school "
    "university institute science health care clinic law legal finance money games art wiki"
)
_COUNTRIES = (
    "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt "
    "bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg "
    "er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr "
    "ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li "
    "lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc "
    "ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw "
    "sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn "
    "to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
TOP_LEVEL = frozenset(f"{_GENERIC} {_COUNTRIES}".split())
"""Without their dots, in lower case."""
