"""Hostfiles: what is read, and what is refused before anything starts."""

from pathlib import Path

import pytest

from kormo_ds.compose import load_run
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.train import hostfile


def test_hosts_in_order_with_their_slots(tmp_path: Path):
    file = tmp_path / "hosts"
    file.write_text(
        "# two kinds\ngpu08 slots=8\n\n  gpu07   slots=4  # half\nme@10.0.0.1 slots=1\n"
    )
    assert list(hostfile.read(str(file)).items()) == [
        ("gpu08", 8),
        ("gpu07", 4),
        ("me@10.0.0.1", 1),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no host; write lines 'HOST slots=N'"),
        ("# none\n", "names no host"),
        ("a slots=1\nb\n", "line 2: 'b' is not 'HOST slots=N'"),
        ("a slots=two\n", "line 1: 'a slots=two' is not 'HOST slots=N'"),
        ("a slots=-1\n", "line 1: 'a slots=-1' is not"),
        ("a slots=2 max=3\n", "line 1: 'a slots=2 max=3' is not"),
        ("a:2\n", "line 1: 'a:2' is not"),
        ("a slots=0\n", "line 1: 'a slots=0': a host without slots; remove the line"),
        ("a slots=1\n\na slots=2\n", "line 3: 'a slots=2': this host was there before"),
        ("gpu[1-4] slots=8\n", "line 1: 'gpu[1-4] slots=8': name one host a line"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(text, message, tmp_path: Path):
    file = tmp_path / "hosts"
    file.write_text(text)
    with pytest.raises(BadInput) as raised:
        hostfile.read(str(file))
    assert str(raised.value).startswith(str(file)) and message in str(raised.value)


def test_a_missing_file_and_one_that_is_no_text_are_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="launch.hostfile = '.*absent' cannot be read: .*No such"):
        hostfile.read(str(tmp_path / "absent"))
    (tmp_path / "bytes").write_bytes(b"\xff\xfe slots=1")
    with pytest.raises(BadInput, match="cannot be read: .*utf-8"):
        hostfile.read(str(tmp_path / "bytes"))


@pytest.mark.parametrize("node", [-1, 2])
def test_a_node_that_is_no_line_of_the_file_is_refused(node, tmp_path: Path):
    file = tmp_path / "hosts"
    file.write_text("a slots=1\nb slots=1\n")
    words = [f"launch.hostfile={file}", "launch.ssh=false", f"launch.node_rank={node}"]
    with pytest.raises(BadConfig, match=f"launch.node_rank = {node}, but .* has 2 hosts: 0 to 1"):
        hostfile.of_run(load_run("demo", words))
