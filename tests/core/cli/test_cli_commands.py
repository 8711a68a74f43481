"""The commands at work, with a tiny bundle of random weights where a model is needed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from segmo_core.cli import main
from segmo_core.cli.output import sparkline

WALK = "a person walks forward, then waves with the right hand"


def output(capsys, *arguments: str | Path) -> str:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


def test_segment_prints_a_table(capsys):
    printed = output(capsys, "segment", WALK)
    assert printed.index("A person walks forward.") < printed.index("A person waves with the right hand.")


def test_segment_prints_one_json_object(capsys):
    answer = json.loads(output(capsys, "segment", "a person sits after turning", "--json"))
    assert answer["segments"] == ["A person turns.", "A person sits."]
    assert answer["ranges"] == [[20, 27], [0, 13]]
    assert (answer["segmenter"], answer["notice"]) == ("rules", "")


def test_segment_falls_back_when_ollama_is_not_running(capsys, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    assert main(["segment", WALK, "--segmenter", "ollama", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["segmenter"] == "rules"
    assert "Ollama is not running at http://127.0.0.1:9" in captured.err


def test_segment_file(capsys, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        f'{{"id": "a", "caption": "{WALK}"}}\n\n{{"id": 2, "caption": "sit\u2028down"}}\n', encoding="utf-8"
    )
    output(capsys, "segment-file", source, "-o", target)
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"id": "a", "segments": ["A person walks forward.", "A person waves with the right hand."]}
    assert lines[1]["id"] == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"id": 1', "line 2: not valid JSON"),
        ('{"id": 1}', "line 2"),
        ('{"id": 1, "caption": ""}', "line 2: prompt: empty"),
    ],
)
def test_segment_file_names_the_bad_line(capsys, tmp_path, line, sentence):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 0, "caption": "walk"}\n' + line + "\n")
    assert main(["segment-file", str(source), "-o", str(target)]) == 2
    assert sentence in capsys.readouterr().err
    assert not target.exists()


def test_segment_file_does_not_write_over_what_it_reads(capsys, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 0, "caption": "walk"}\n')
    assert main(["segment-file", str(source), "-o", str(tmp_path / "." / "in.jsonl")]) == 2
    assert "is the file that is read" in capsys.readouterr().err
    assert source.read_text() == '{"id": 0, "caption": "walk"}\n'


def test_segment_file_reads_what_windows_programs_write(capsys, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'\xef\xbb\xbf{"id": 0, "caption": "a person walks"}\r\n')
    output(capsys, "segment-file", source, "-o", target)
    assert json.loads(target.read_text()) == {"id": 0, "segments": ["A person walks."]}


def test_generate_writes_every_format_and_says_what_it_did(capsys, tmp_path, tiny_bundle):
    files = [tmp_path / f"walk.{extension}" for extension in ("bvh", "npz", "npy")]
    arguments = [argument for path in files for argument in ("-o", path)]
    printed = output(capsys, "generate", WALK, "--durations", "2,1.6", "--bundle", tiny_bundle, *arguments)
    assert "0 to 40" in printed
    assert "40 to 72" in printed
    assert "Load" in printed
    assert "generate" in printed
    joints = np.load(files[2])
    assert joints.shape == (72, 22, 3)
    assert joints.dtype == np.float32
    assert all(path.stat().st_size > 0 for path in files)


def test_generate_json_holds_what_a_program_needs(capsys, tmp_path, tiny_bundle):
    target = tmp_path / "walk.npy"
    answer = json.loads(
        output(
            capsys, "generate", WALK, "--seconds", "4", "--bundle", tiny_bundle, "--json", "-o", target, "--seed", "3"
        )
    )
    assert [s["text"] for s in answer["segments"]] == ["A person walks forward.", "A person waves with the right hand."]
    assert (answer["segments"][0]["start"], answer["segments"][-1]["end"]) == (0, answer["num_frames"]) == (0, 80)
    assert answer["outputs"] == [str(target)]
    assert answer["seed"] == 3
    assert answer["load_seconds"] > 0
    assert answer["generate_seconds"] > 0


def test_the_same_seed_gives_the_same_file_and_another_seed_another(capsys, tmp_path, tiny_bundle):
    files = [tmp_path / f"{name}.bvh" for name in ("first", "second", "other")]
    for path, seed in zip(files, ("1", "1", "2"), strict=True):
        output(capsys, "generate", WALK, "--seed", seed, "--seconds", "2", "--bundle", tiny_bundle, "-o", path)
    first, second, other = (path.read_bytes() for path in files)
    assert first == second
    assert first != other


def test_candidates_are_ranked_and_repair_keeps_the_command_going(capsys, tmp_path, tiny_bundle):
    answer = json.loads(
        output(
            capsys, "generate", WALK, "-o", tmp_path / "walk.npz", "--bundle", tiny_bundle, "--seed", "4",
            "--candidates", "2", "--repair", "--json",
        )
    )  # fmt: skip
    assert sorted(answer["seeds_by_rank"]) == [4, 5]
    assert all(
        {"confidence", "found_start", "found_end", "finding"} <= segment.keys() for segment in answer["segments"]
    )


def test_given_segments_replace_the_cutting(capsys, tmp_path, tiny_bundle):
    given = ["--segment", "a person hops", "--segment", "a person bows"]
    arguments = ["generate", "anything", *given, "--bundle", tiny_bundle, "--json", "-o", tmp_path / "x.npy"]
    answer = json.loads(output(capsys, *arguments))
    assert [s["text"] for s in answer["segments"]] == ["a person hops", "a person bows"]


def test_a_write_that_fails_in_the_end_is_a_user_error(capsys, tiny_bundle):
    if not Path("/proc/self").exists():
        pytest.skip("needs a folder where nobody can make files")
    target = f"/proc/{WALK.split()[1]}.npy"  # looks writable to root, and is not
    assert main(["generate", "a person walks", "--seconds", "1", "--bundle", str(tiny_bundle), "-o", target]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_truncated_bundle_is_refused(capsys, tmp_path, tiny_bundle):
    copy = shutil.copytree(tiny_bundle, tmp_path / "cut")
    weights = copy / "tokenizer.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    assert main(["generate", "walk", "--bundle", str(copy), "-o", str(tmp_path / "x.npy")]) == 2
    assert "tokenizer.safetensors" in capsys.readouterr().err
    assert not (tmp_path / "x.npy").exists()
    assert main(["info", str(copy)]) == 2
    assert "tokenizer.safetensors" in capsys.readouterr().err


def test_tables_show_texts_as_they_are(capsys, tmp_path, tiny_bundle):
    text = "[bold]a person[/bold] walks :smile:"
    arguments = ("--segment", text, "--durations", "1", "--bundle", tiny_bundle, "-o", tmp_path / "x.npy")
    assert text in output(capsys, "generate", "walk", *arguments)


def test_ground_prints_the_contract(capsys, tmp_path, tiny_bundle, walk):
    np.save(tmp_path / "walk.npy", walk.joint_positions.astype(np.float32))
    lines = output(
        capsys, "ground", tmp_path / "walk.npy", "a person walks", "a person sits", "--bundle", tiny_bundle, "--json"
    )
    found = [json.loads(line) for line in lines.splitlines()]
    assert [answer["query"] for answer in found] == ["a person walks", "a person sits"]
    for answer in found:
        assert 0 <= answer["start"] < answer["end"] <= 60
        assert -1.0 <= answer["score"] <= 1.0
        assert len(answer["curve"]) == 60
    assert "a person walks" in output(
        capsys, "ground", tmp_path / "walk.npy", "a person walks", "--bundle", tiny_bundle
    )


def test_half_a_bvh_is_refused(capsys, tmp_path, tiny_bundle, walk):
    from segmo_core.formats.registry import write_motion

    path = tmp_path / "walk.bvh"
    write_motion(walk, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert main(["ground", str(path), "a person walks", "--bundle", str(tiny_bundle)]) == 2
    assert "walk.bvh" in capsys.readouterr().err


def test_info(capsys, tiny_bundle):
    assert "random weights for tests" in output(capsys, "info", tiny_bundle)
    assert json.loads(output(capsys, "info", tiny_bundle, "--json"))["name"] == "tiny"


def test_sparkline_rises_with_the_values():
    assert sparkline([0.0, 1.0, 2.0, 3.0]) in ("▁▃▆█", "")
    assert sparkline([]) == ""
    assert len(sparkline([1.0] * 500, width=24)) in (0, 24)
