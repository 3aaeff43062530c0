"""A password and its hash."""

import unicodedata

import pytest

from kormo_ds.dashboard.password import check_form, hashed, is_right
from kormo_ds.errors import BadInput

KNOWN = "scrypt$32768$8$1$ATDZMh5dVJ7xbT/Yvvjjig==$ff3FV8fDMKoY/vyhHWF5yZuiCTXd9ppNaZZgnJT6MgM="


def test_a_password_is_right_and_another_is_not():
    assert is_right("올바른 비밀번호", KNOWN)
    assert is_right(unicodedata.normalize("NFD", "올바른 비밀번호"), KNOWN + "\n")
    for wrong in ("", "올바른 비밀번", "올바른 비밀번호 ", KNOWN, "\ud800"):
        assert not is_right(wrong, KNOWN)


def test_the_same_password_has_another_hash_each_time():
    assert hashed("올바른 비밀번호") != KNOWN
    assert "올바른" not in KNOWN and "\n" not in KNOWN


def test_a_short_password_is_refused():
    with pytest.raises(BadInput, match="7 characters is too short; take 8 or more"):
        hashed("seven77")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2hunter2", "is not the hash of a password"),
        ("", "is not the hash of a password"),
        ("bcrypt$1$2$3$abcd$abcd", "is not the hash of a password"),
        (KNOWN.replace("$32768$", "$32767$"), "N is a power of two"),
        (KNOWN.replace("$32768$", "$8388608$"), "N·R·128 ≤ 256 MB"),
        (KNOWN.replace("$8$1$", "$8$0$"), "N is a power of two"),
        (KNOWN.replace("$8$1$", "$8$99$"), "N is a power of two"),
        (KNOWN[:-3], "copy the whole line"),
        (KNOWN[:-36], "copy the whole line"),
    ],
)
def test_what_is_no_hash_is_refused_and_not_repeated(text, said):
    with pytest.raises(BadInput, match=said) as caught:
        check_form(text)
    assert not text or text not in str(caught.value)
