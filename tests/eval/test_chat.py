"""`kormo chat`: turns from a pipe and from a terminal, and what the model is given."""

import io
import os
import re
import subprocess
import sys

import pytest
import torch

from kormo_ds.cli.chat import chat
from kormo_ds.cli.conversation import STOPS, Turn, fitting, written
from kormo_ds.cli.stream import continued, until, visible
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.eval.checkpoint import read
from kormo_ds.model import Sampling

torch.set_num_threads(1)
ESCAPES = re.compile(rb"\x1b\[[?0-9;]*[a-zA-Z]?")
TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C there is a signal here
from kormo_ds.cli.app import main
main()
"""
WORDS = ["max_tokens=12", "temperature=1", "seed=3"]
SAMPLING = Sampling(max_tokens=12, temperature=1.0, top_p=0.9, seed=3)


@pytest.fixture
def say(monkeypatch, capsys):
    """say(folder, lines, words) has the conversation; what stands on stdout and on stderr."""

    def say(folder, lines, words=WORDS):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        chat([str(folder), *words])
        said = capsys.readouterr()
        return said.out, said.err

    return say


def answer(folder, turns):
    """What the model says to a text that we write here."""
    asked = read(folder)
    pieces = continued(asked.model(), asked.vocabulary, written(turns), SAMPLING)
    return "".join(until(pieces, STOPS)).lstrip()


def test_the_conversation_is_kept_and_begun_anew(run_folder, say):
    first = answer(run_folder, [Turn("hello")])
    second = answer(run_folder, [Turn("hello", first), Turn("바다는?")])
    alone = answer(run_folder, [Turn("바다는?")])
    assert second != alone
    out, err = say(run_folder, ["hello", "", "바다는?", "/reset", "바다는?", "/quit", "never"])
    assert out == "".join(f"{visible(text)}\n" for text in (first, second, alone))
    assert err.count("demo step-000010 has no chat template: it continues") == 1


def test_a_word_with_a_slash_is_a_command_or_a_mistake(run_folder, say):
    out, err = say(run_folder, ["/rest"])
    assert out == "" and err.endswith("unknown command '/rest'; known: /quit, /reset\n")
    out, _ = say(run_folder, ["/etc/hosts is a file"])
    assert out


def test_the_oldest_turns_make_room(short_run, say):
    out, err = say(short_run, ["a" * 30, "b" * 30])
    assert "(the oldest 1 of 2 turns are left out from here on)" in err
    assert out.splitlines()[-1] == visible(answer(short_run, [Turn("b" * 30)]))
    out, err = say(short_run, ["c" * 90, "short"])
    assert "107 tokens are more than the 83 that there is room for; say less" in err
    assert "left out" not in err, "what was too long was not said"
    assert out == visible(answer(short_run, [Turn("short")])) + "\n"
    with pytest.raises(BadInput, match="max_tokens=95 leaves no room in the model's 96 positions"):
        say(short_run, ["a"], ["max_tokens=95"])


def test_turns_are_left_out_from_the_oldest_on():
    turns = [Turn("a", "b"), Turn("c", "d"), Turn("e")]
    assert fitting(turns, len, 1000) == turns
    assert fitting(turns, len, len(written(turns)) - 1) == turns[1:]
    assert fitting(turns, len, len(written(turns[2:]))) == turns[2:]
    assert len(turns) == 3


def test_words_that_are_not_understood(run_folder):
    with pytest.raises(BadInput, match="name one checkpoint"):
        chat(["max_tokens=3"])
    with pytest.raises(UnknownName, match="unknown setting 'max_token'"):
        chat([str(run_folder), "max_token=3"])


def test_an_interrupt_while_it_waits_is_no_end(run_folder, monkeypatch, capsys):
    class Interrupted(io.StringIO):
        n = 0

        def readline(self):
            self.n += 1
            if self.n == 1:
                raise KeyboardInterrupt
            return super().readline()

    monkeypatch.setattr(sys, "stdin", Interrupted("hello\n"))
    chat([str(run_folder), *WORDS])
    assert capsys.readouterr().out == visible(answer(run_folder, [Turn("hello")])) + "\n"


def test_bytes_that_are_no_text_are_no_end(run_folder, monkeypatch, capsys):
    lines = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\nhello\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", lines)
    chat([str(run_folder), *WORDS])
    first = answer(run_folder, [Turn("\ufffd\ufffd")])
    second = answer(run_folder, [Turn("\ufffd\ufffd", first), Turn("hello")])
    assert capsys.readouterr().out == f"{visible(first)}\n{visible(second)}\n"


def test_in_a_terminal_ctrl_c_ends_the_answer_and_ctrl_d_the_conversation(run_folder):
    ours, its = os.openpty()
    job = subprocess.Popen(
        [sys.executable, "-c", TERMINAL, "chat", str(run_folder), "max_tokens=100000"],
        stdin=its,
        stdout=its,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(its)

    def seen_until(mark):
        seen = b""
        while mark not in seen:
            seen += os.read(ours, 1024)
        return seen

    try:
        seen_until(b"> ")
        os.write(ours, b"hello\n")
        seen_until(b"hello\r\n")
        answered = b""
        while not ESCAPES.sub(b"", answered).strip():  # before, readline may still have the keys
            answered += os.read(ours, 1024)
        os.write(ours, b"\x03")
        seen_until(b"\n> ")
        os.write(ours, b"/quiz\n")
        seen_until(b"\n> ")
        os.write(ours, b"\x04")
        assert job.wait(30) == 0
        assert b"unknown command '/quiz'" in job.stderr.read()
    finally:
        job.kill()
        os.close(ours)
