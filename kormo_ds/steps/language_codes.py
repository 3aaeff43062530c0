"""Language codes of two letters for those of three (ISO 639-1 for 639-2/T and 639-3).

Individual languages whose macrolanguage has the two letters stand for it: models name Standard
Arabic `arb` and Mandarin `cmn`, and sources say `ar` and `zh`.
"""

_PAIRS = """
aar:aa abk:ab ave:ae afr:af aka:ak amh:am arg:an ara:ar arb:ar asm:as ava:av aym:ay ayr:ay aze:az
azj:az bak:ba bel:be bul:bg bih:bh bis:bi bam:bm ben:bn bod:bo bre:br bos:bs cat:ca che:ce cha:ch
cos:co cre:cr ces:cs chu:cu chv:cv cym:cy dan:da deu:de div:dv dzo:dz ewe:ee ell:el eng:en epo:eo
spa:es est:et ekk:et eus:eu fas:fa pes:fa ful:ff fin:fi fij:fj fao:fo fra:fr fry:fy gle:ga gla:gd
glg:gl grn:gn gug:gn guj:gu glv:gv hau:ha heb:he hin:hi hmo:ho hrv:hr hat:ht hun:hu hye:hy her:hz
ina:ia ind:id ile:ie ibo:ig iii:ii ipk:ik ido:io isl:is ita:it iku:iu jpn:ja jav:jv kat:ka kon:kg
kik:ki kua:kj kaz:kk kal:kl khm:km kan:kn kor:ko kau:kr kas:ks kur:ku kmr:ku kom:kv cor:kw kir:ky
lat:la ltz:lb lug:lg lim:li lin:ln lao:lo lit:lt lub:lu lav:lv lvs:lv mlg:mg plt:mg mah:mh mri:mi
mkd:mk mal:ml mon:mn khk:mn mar:mr msa:ms zsm:ms mlt:mt mya:my nau:na nob:no nde:nd nep:ne npi:ne
ndo:ng nld:nl nno:nn nor:no nbl:nr nav:nv nya:ny oci:oc oji:oj orm:om gaz:om ori:or ory:or oss:os
pan:pa pli:pi pol:pl pus:ps pbt:ps por:pt que:qu roh:rm run:rn ron:ro rus:ru kin:rw san:sa srd:sc
snd:sd sme:se sag:sg sin:si slk:sk slv:sl smo:sm sna:sn som:so sqi:sq als:sq srp:sr ssw:ss sot:st
sun:su swe:sv swa:sw swh:sw tam:ta tel:te tgk:tg tha:th tir:ti tuk:tk tgl:tl tsn:tn ton:to tur:tr
tso:ts tat:tt twi:tw tah:ty uig:ug ukr:uk urd:ur uzb:uz uzn:uz ven:ve vie:vi vol:vo wln:wa wol:wo
xho:xh yid:yi ydd:yi yor:yo zha:za zho:zh cmn:zh zul:zu
"""
_TWO_LETTERS = dict(pair.split(":") for pair in _PAIRS.split())
UNDETERMINED = "und"
"""ISO 639-2 for a text whose language cannot be told."""


def short(code: str) -> str:
    """The language of a model's label or of a locale, in two letters where it has them.

    >>> short("__label__kor_Hang"), short("ko-KR"), short("EN"), short("__label__ceb")
    ('ko', 'ko', 'en', 'ceb')
    """
    language = code.removeprefix("__label__").replace("-", "_").split("_")[0].lower()
    return _TWO_LETTERS.get(language, language)
