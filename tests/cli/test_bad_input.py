"""What a user meets first when something is wrong: one line with the way out, exit code 2."""

import json
import subprocess

import pytest

MIXTURES = {
    "wrong_columns": "-- Wrong.\n-- One row.\nselect doc_id, 1 as repeats from documents",
    "no_document": (
        "-- None.\n-- One row.\nselect doc_id, 'a' as component, 1.0::double as repeats, "
        "doc_id as sort_key from documents where lang = 'fr'"
    ),
}


@pytest.fixture(scope="module")
def project(demo, tmp_path_factory):
    import shutil

    folder = tmp_path_factory.mktemp("bad") / "project"
    shutil.copytree(demo.folder, folder)
    (folder / "sql" / "mixtures").mkdir(parents=True)
    for name, text in MIXTURES.items():
        (folder / "sql" / "mixtures" / f"{name}.sql").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("kormo step run lenght", "unknown step 'lenght'; did you mean 'length'?"),
        ("kormo step run length length.min_word=2", "min_word"),
        ("kormo sql -c 'select txt from documents'", 'column "txt" not found'),
        ("kormo sql stats/tokens_by_sources", "did you mean 'stats/tokens_by_source'?"),
        (
            "kormo mixture run demo ko_repeat=2",
            "'ko_repeat'; did you mean 'ko_repeats'?",
        ),
        ("kormo mixture run demo seed=x", "seed=x"),
        ("kormo mixture run demos", "unknown mixture 'demos'; did you mean 'demo'?"),
        ("kormo mixture run wrong_columns", "must return (doc_id VARCHAR"),
        ("kormo mixture run no_document", "no document"),
        ("kormo mixture show demo@7", "demo@7"),
        ("kormo pack demo tokenizer=dem", "dem"),
        ("kormo pack demo tokenizer=demo length=64", "demo"),
        ("kormo tokenizer train demo mixture=demo vocab_size=600", "demo"),
        ("kormo trace demo 99999999", "99999999"),
        ("kormo train demos", "unknown run 'demos'; did you mean 'demo'?"),
        ("kormo train demo optim.lrr=1", "optim.lrr"),
        ("kormo train demo train.steps=x", "train.steps"),
        ("kormo train demo data.sequences=nope", "nope"),
        ("kormo eval data/runs/nope", "data/runs/nope"),
        ("kormo ingest nope.jsonl lang=ko source=x origin=curated", "nope.jsonl"),
        ("kormo ingest own/ko source=x origin=curated", "lang"),
        ("kormo ingest own/ko lang=ko source=x origin=curatd", "curatd"),
        ("kormo dedup minhash longest", "'longest' is no setting; write NAME=VALUE"),
        ("kormo dedup minhash band=3", "unknown setting 'band'; did you mean"),
        ("kormo dedup exact normalize=nfd", "unknown setting normalize 'nfd'"),
        ("kormo dedup minhash after=lenght_reason", "did you mean 'length_reason'?"),
        ("kormo lake describe documentz", "did you mean 'documents'?"),
        ("kormo lake drop text", "'text' is what a row is born with"),
        ("kormo sql -c 'select 1' --lake nowhere", "no lake at nowhere"),
        ("kormo demo --input nowhere", "--input nowhere is not a folder"),
    ],
)
def test_it_is_one_line_and_exit_code_2(project, run, command, message):
    done = run(["bash", "-c", command], project)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("kormo: ")]
    assert len(lines) == 1 and message in lines[0], done.stderr
    assert "Traceback" not in done.stderr


def test_another_package_of_the_name_lake_is_named(run, tmp_path):
    (tmp_path / "lake.py").write_text("")
    done = run(["bash", "-c", "PYTHONPATH=. kormo sql"], tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        f"kormo: another package named 'lake' is imported from {tmp_path / 'lake.py'}; "
        "uninstall it, or leave the folder that it is in\n",
    )


def test_a_truncated_checkpoint_is_named(demo, copy, run, tmp_path):
    folder = copy(demo, tmp_path)
    newest = max((folder / "data/runs/demo/checkpoints").iterdir())
    listed = json.loads((newest / "manifest.json").read_text())["files"]
    weights = newest / next(f["path"] for f in listed if f["path"].endswith(".safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    done = run(["kormo", "eval", str(newest)], folder)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert weights.name in done.stderr


def test_a_full_disk_damages_nothing(demo, run, tmp_path):
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(mounted)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        options = ["lang=en", "source=big", "origin=curated"]
        small, big = tmp_path / "small.jsonl", tmp_path / "big.jsonl"
        small.write_text('{"text": "One sentence that is kept."}\n')
        rows = (json.dumps({"text": f"{i} " + random_text(i)}) for i in range(8000))
        big.write_text("\n".join(rows))
        at = ["--lake", str(mounted / "lake")]
        assert run(["kormo", "ingest", str(small), *options, *at], tmp_path).returncode == 0
        done = run(["kormo", "ingest", str(big), *options, *at], tmp_path)
        assert done.returncode == 2, done.stderr
        assert "no space left on the disk" in done.stderr and "Traceback" not in done.stderr
        kept = run(["kormo", "sql", "-c", "select count(*) as n from documents", *at], tmp_path)
        assert kept.stdout.split()[2] == "1"
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def random_text(seed):
    """Text that compression cannot make small."""
    import random

    return random.Random(seed).randbytes(500).hex()
