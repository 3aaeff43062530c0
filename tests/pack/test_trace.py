import pytest

from kormo_ds.cli.pack import pack as pack_command
from kormo_ds.cli.trace import trace
from kormo_ds.errors import BadInput, UnknownName

TEXTS = {"a": "hello", "b": "xy", "c": "longer text"}
SELECTION = [("c", "web", 1.0), ("a", "law", 1.0), ("b", "web", 1.0)]


@pytest.fixture
def lk(make_lake, capsys):
    lk = make_lake(TEXTS, SELECTION)
    pack_command(["m", "tokenizer=bytes", "length=8", "strategy=best_fit", "name=s"], lk.root)
    capsys.readouterr()
    return lk


def test_pack_prints_its_totals(make_lake, capsys):
    lk = make_lake(TEXTS, SELECTION)
    words = ["m", "tokenizer=bytes", "length=8", "name=s"]
    pack_command(words, lk.root)
    assert capsys.readouterr().out.splitlines() == [
        "mixture m@1 is packed as 's' with tokenizer bytes, concat, rows of 8 tokens",
        "sequences s  number",
        "-----------  ------",
        "rows              3",
        "documents         3",
        "tokens in        24",
        "packed           24",
        "left over         0",
        "padding           0",
    ]
    pack_command(words, lk.root)
    assert capsys.readouterr().out.startswith("mixture m@1 is packed already as 's'")


def test_a_row_leads_to_its_documents(lk, capsys):
    trace(["s", "1", "columns=text_clean"], lk.root)
    assert capsys.readouterr().out.splitlines() == [
        "row 1 of s, packed from mixture m@1",
        "piece  tokens  doc_id     offset  component  text_clean   begins",
        "-----  ------  ---------  ------  ---------  -----------  ------",
        "    0  0-4     c               8  web        longer text  text",
        "    1  5-7     (padding)       0             ·",
    ]


def test_a_token_leads_to_its_piece(lk, capsys):
    trace(["s", "1", "columns=", "token=4"], lk.root)
    lines = capsys.readouterr().out.splitlines()[3:]
    assert [line.split() for line in lines] == [["0", "0-4", "c", "8", "web", "text"]]


def test_a_document_leads_to_its_rows(lk, capsys):
    trace(["s", "doc=c"], lk.root)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["0", "0-7", "0", "web"],
        ["1", "0-4", "8", "web"],
    ]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["s"], BadInput, "say which row: kormo trace SEQUENCES ROW"),
        (["s", "x"], BadInput, "there is no row x; rows go from 0 to 3"),
        (["s", "4"], BadInput, "there is no row 4; rows go from 0 to 3"),
        (["s", "0", "token=8"], BadInput, "there is no token 8; tokens go from 0 to 7"),
        (["s", "0", "columns=lan"], UnknownName, "unknown column 'lan'; did you mean 'lang'"),
        (["s", "0", "tokn=1"], UnknownName, "unknown setting 'tokn'; did you mean 'token'"),
        (["s", "doc=z"], BadInput, "no row of s holds document 'z'"),
        (["t", "0"], UnknownName, "unknown sequences 't'; known: s"),
    ],
)
def test_what_cannot_be_traced_is_refused(lk, words, error, message):
    with pytest.raises(error, match=message):
        trace(words, lk.root)
