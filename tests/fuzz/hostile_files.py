"""Files made by hand to hurt: huge claims, bombs, circles, code, paths that lead elsewhere, text in foreign codes."""

from __future__ import annotations

import io
import json
import pickle
import pickletools
import struct
import zipfile
from collections.abc import Callable, Iterator

import good_files as good
import numpy as np

Files = Iterator[tuple[str, bytes]]

MARK = "was_run"
"""What a file whose code runs would leave in the working folder."""


def npy(header: str, data: bytes = b"") -> bytes:
    """An .npy file whose header says whatever it likes."""
    coded = header.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(coded)) + coded + data


def declared(descr: str, shape: str, data: bytes = b"") -> bytes:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}", data)


def array(value: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(value), allow_pickle=False)
    return stream.getvalue()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive_file:
        for name, data in members.items():
            archive_file.writestr(zipfile.ZipInfo(name), data, method)
    return stream.getvalue()


def own_npz(**changes: object) -> bytes:
    """Our own .npz with some arrays replaced; bytes are taken as they are, None leaves one out."""
    with np.load(io.BytesIO(good.written("x.npz")), allow_pickle=False) as loaded:
        members = {name: loaded[name] for name in loaded.files} | changes
    return archive({f"{k}.npy": v if isinstance(v, bytes) else array(v) for k, v in members.items() if v is not None})


class Bad:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        import os

        return os.mkdir, (MARK,)


def pickled_array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Bad()], dtype=object), allow_pickle=True)
    return stream.getvalue()


def claims() -> Files:
    yield "names.npz", own_npz(joint_names=declared("'<U0'", "(1000000000,)"))
    yield "nested.npz", archive({"joint_positions.npy": archive({"a.npz": archive({"a.npy": b""})})})
    yield "lengths.npz", own_npz(joint_positions=declared("'<f4'", "(1000000000, 22, 3)"))
    yield "lzma.npz", archive({"joint_positions.npy": array(np.zeros((2, 22, 3)))}, zipfile.ZIP_LZMA)
    yield "bzip2.npz", archive({"joint_positions.npy": array(np.zeros((2, 22, 3)))}, zipfile.ZIP_BZIP2)


def bombs() -> Files:
    """Hundreds of megabytes, as they are or unpacked."""
    zeros = bytes(300 << 20)
    big = declared("'<f4'", f"({len(zeros) // 264}, 22, 3)", zeros[: len(zeros) // 264 * 264])
    yield "bomb.npz", own_npz(joint_positions=big)
    yield "many_names.npz", own_npz(joint_names=declared("'<U1'", "(30000000,)", zeros[:120_000_000]))
    yield "texts.npz", own_npz(segment_texts=declared("'|S1'", "(200000000,)", zeros[:200_000_000]))
    yield "small_numbers.npz", own_npz(joint_positions=declared("'|i1'", "(3000000, 22, 3)", zeros[:198_000_000]))
    poses = declared("'<f8'", "(450000, 66)", zeros[: 450_000 * 66 * 8])
    trans, rate = array(np.zeros((450_000, 3))), array(120.0)
    yield "long.npz", archive({"poses.npy": poses, "trans.npy": trans, "mocap_framerate.npy": rate})
    yield "long_names.npz", own_npz(joint_names=np.array(["x" * 1_000_000] * 22))
    yield "lines.bvh", b"HIERARCHY\n" + b"\n" * (100 << 20)
    yield "blank.bvh", b"\n" * (20 << 20) + b"x"
    yield "blank_for_windows.bvh", b" \t\r\n" * 10_000 + b"x"
    yield "comments.bvh", b"# a\r\n // b\n\n" * 5_000 + b"x"
    yield "motion_lines.bvh", bvh(rows="\n" * (100 << 20))
    yield "one_line.bvh", bvh(rows="0 " * 20_000_000)
    yield "braces.bvh", b"HIERARCHY ROOT a " + b"{" * (20 << 20)
    text = good.written("x.csv")
    yield "commas.csv", b"," * (90 << 20)
    yield "lines.csv", text + b"\n" * (90 << 20)
    yield "rows.csv", text.split(b"\n")[0] + b"\n" + (b"0," * 66 + b"0\n") * 400_000
    zero = {"componentType": 5126, "type": "SCALAR", "count": 7_000_000}
    yield "shared_keys.gltf", shared_keys([zero, {**zero, "type": "VEC3"}])
    yield "objects.gltf", b'{"asset": {"version": "2.0"}, "nodes": [' + b"{}," * 5_000_000 + b"{}]}"
    yield "lists.gltf", b'{"asset": {"version": "2.0"}, "nodes": [' + b"[]," * 5_000_000 + b"[]]}"


def shared_keys(accessors: list[dict[str, object]]) -> bytes:
    """Fifty thousand curves of the same keys, each of which is to be looked through."""
    channels = [{"sampler": 0, "target": {"node": 0, "path": "translation"}}] * 50_000
    samplers = [{"input": 0, "output": 1}]
    return gltf(accessors=accessors, animations=[{"samplers": samplers, "channels": channels}], skins=[])


def archives() -> Files:
    whole = good.written("x.npz")
    end = whole.rindex(b"PK\x05\x06")
    yield "huge_directory.npz", whole[: end + 12] + struct.pack("<I", 2**31) + whole[end + 16 :]
    yield "zip64.npz", whole[:end] + b"PK\x06\x07" + bytes(16) + whole[end:]
    central = whole.index(b"PK\x01\x02")
    yield "lying_size.npz", whole[: central + 24] + struct.pack("<I", 10**9) + whole[central + 28 :]
    yield "locked.npz", whole[: central + 8] + b"\x01" + whole[central + 9 :]
    yield "outside.npz", archive({"../../joint_positions.npy": array(np.zeros(3)), "/etc/evil.npy": b"x"})
    yield "empty.npz", archive({})
    yield "many_members.npz", archive({f"{number}.npy": b"" for number in range(30_000)}, zipfile.ZIP_STORED)


def arrays() -> Files:
    yield "pickled.npy", pickled_array()
    yield "pickle.npy", pickle.dumps(Bad())
    yield "pickled.npz", own_npz(joint_positions=pickled_array())
    yield "frames.npy", declared("'<f4'", "(1000000000, 22, 3)")
    yield "negative.npy", declared("'<f4'", "(-1, -22, 3)", bytes(264))
    yield "truth.npy", declared("'<f4'", "(True, 22, 3)", bytes(264))
    yield "huge_number.npy", declared("'<f4'", f"({'9' * 4000}, 22, 3)")
    yield "wide.npy", declared("'|V999999999'", "(9,)")
    yield "nothing.npy", declared("'|V0'", "(1000000000, 22, 3)")
    yield "nested.npy", npy("(" * 9000)
    yield "expression.npy", npy("__import__('os').mkdir('was_run')")
    yield "fields.npy", declared("[('a', '<f4'), ('b', '|O')]", "(9,)", bytes(99))
    yield "long_header.npy", npy("{" + " " * 60_000)
    yield "nan.npy", array(np.full((3, 22, 3), np.nan))
    yield "one_place.npy", array(np.zeros((3, 22, 3)))
    yield "far.npy", array(np.full((3, 22, 3), 1e30))
    yield "features.npy", array(np.full((5, 263), 1e300))
    yield "none.npy", array(np.zeros((0, 22, 3)))


def own() -> Files:
    yield "own_parent.npz", own_npz(parents=np.array([-1, *range(1, 22)]))
    yield "circle.npz", own_npz(parents=np.array([-1, 2, 1, *range(2, 21)]))
    yield "far_parent.npz", own_npz(parents=np.array([-1.0] + [1e300] * 21))
    yield "no_letters.npz", own_npz(joint_names=declared("'<U1'", "(22,)", struct.pack("<I", 0x7FFFFFFF) * 22))
    yield "surrogates.npz", own_npz(joint_names=declared("'<U1'", "(22,)", struct.pack("<I", 0xD800) * 22))
    yield "escapes.npz", own_npz(joint_names=np.array([f"\x1b[2J\n{number}" for number in range(22)]))
    yield "no_names.npz", own_npz(joint_names=np.array([""] * 22))
    yield "rotations.npz", own_npz(local_rotations=np.full((good.NUM_FRAMES, 22, 4), 9.0))
    yield "huge_rotations.npz", own_npz(local_rotations=np.full((good.NUM_FRAMES, 22, 4), 1e300))
    yield "offsets.npz", own_npz(rest_offsets=np.full((22, 3), 1e300))
    for name, rate in (("slow", 1e-300), ("fast", 1e300), ("nan", np.nan), ("negative", -20.0), ("denormal", 5e-324)):
        yield f"{name}_rate.npz", own_npz(frame_rate=np.array(rate))
    yield "scalar.npz", own_npz(joint_positions=np.zeros(()))
    yield "nan_scalar.npz", own_npz(joint_positions=np.array(np.nan), local_rotations=np.array(np.nan))
    yield "segments.npz", own_npz(segment_starts=np.array([0.0, 1e300]))
    yield "segment_text.npz", own_npz(segment_texts=np.array(["\x1b[2J\n", "\ud800"]))


def bvh(frames: str = "1", rows: str | None = None, hierarchy: str | None = None, frame_time: str = "0.05") -> bytes:
    text = good.written("x.bvh").decode()
    head, motion = text.split("MOTION")
    row = "\n".join(motion.strip().split("\n")[2:3])
    body = f"MOTION\nFrames: {frames}\nFrame Time: {frame_time}\n{row if rows is None else rows}\n"
    return ((head if hierarchy is None else hierarchy) + body).encode("utf-8", "surrogatepass")


def bvh_files() -> Files:
    line = "ROOT a\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\n"
    yield "frames.bvh", bvh(frames="1000000000")
    yield "float_frames.bvh", bvh(frames="1e300")
    yield "digits.bvh", bvh(frames="9" * 100_000)
    yield "slow.bvh", bvh(frame_time="1e300")
    yield "nan_time.bvh", bvh(frame_time="nan")
    yield "open.bvh", b"HIERARCHY\n" + line.encode() * 1
    yield "deep.bvh", b"HIERARCHY\n" + (line + line.replace("ROOT", "JOINT") * 5000).encode()
    long = line.replace("ROOT a", "ROOT " + "x\x1b" * 1_000_000)
    yield "long_name.bvh", bvh(rows="0", hierarchy="HIERARCHY\n" + long + "}\n")
    # Joints without channels cost a file nothing, but each of them is posed in every frame.
    still = "JOINT b\n{\nOFFSET 0 1 0\nCHANNELS 0\n}\n" * 1500
    yield "still.bvh", bvh("300000", "0\n" * 300_000, f"HIERARCHY\n{line}{still}}}\n")
    yield "alike.bvh", bvh("1", "0", f"HIERARCHY\n{line}{still}}}\n")
    yield "many_rows.bvh", bvh("2000000", "0\n" * 2_500_000, f"HIERARCHY\n{line}}}\n")
    yield "utf16.bvh", good.written("x.bvh").decode().encode("utf-16")
    yield "huge_numbers.bvh", bvh(rows=" ".join(["1e308"] * 69))
    yield (
        "huge_offset.bvh",
        bvh(hierarchy=good.written("x.bvh").decode().split("MOTION")[0].replace("OFFSET 0.000000", "OFFSET 1e308")),
    )
    yield "twice.bvh", good.written("x.bvh") * 2


def csv_files() -> Files:
    text = good.written("x.csv")
    yield "columns.csv", b"time," + b"a," * 1_000_000 + b"\n1"
    yield "utf16.csv", text.decode().encode("utf-16")
    yield "zeros.csv", bytes(1 << 20)
    yield "huge_times.csv", text.replace(b"\n0.050000", b"\n1e308")
    yield "huge.csv", text.replace(b"0.000000", b"1e308")
    yield "quoted.csv", b'"' * 100_000
    yield "surrogates.csv", "time,\udcff".encode("utf-8", "surrogatepass")


def gltf_tree() -> dict[str, object]:
    tree: dict[str, object] = json.loads(good.gltf_text())
    return tree


def gltf(**changes: object) -> bytes:
    return json.dumps(gltf_tree() | changes).encode()


def gltf_files() -> Files:
    nodes = gltf_tree()["nodes"]
    assert isinstance(nodes, list)
    yield "circle.gltf", gltf(nodes=[{"children": [1]}, {"children": [0]}])
    yield "own_child.gltf", gltf(nodes=[{**nodes[0], "children": [0]}, *nodes[1:]])
    yield "two_parents.gltf", gltf(nodes=[{"children": [2]}, {"children": [2]}, {}])
    for name, uri in (
        ("outside", "../../../../../../etc/passwd"), ("absolute", "/etc/passwd"), ("coded", "%2e%2e/%2e%2e/etc/passwd"),
        ("scheme", "file:///etc/passwd"), ("web", "http://127.0.0.1:9/x.bin"), ("nul", "a%00b"), ("folder", "."),
        ("long", "x" * 100_000), ("lone", "\ud800"), ("bad_data", "data:;base64,%%%"), ("self", "self.gltf"),
    ):  # fmt: skip
        yield f"{name}.gltf", gltf(buffers=[{"byteLength": 10**6, "uri": uri}])
    yield "deep.gltf", b'{"asset": ' + b"[" * 1_000_000
    yield "deep_tree.gltf", gltf(nodes=[{"children": [number + 1]} for number in range(49_000)] + [{}])
    yield "names.gltf", gltf(nodes=[{**node, "name": "\x1b[2J\n\ud800" + "x" * 100_000} for node in nodes])
    yield "count.gltf", gltf(accessors=[{"componentType": 5126, "type": "VEC3", "count": 10**12}] * 200)
    yield "digits.gltf", b'{"asset": {"version": ' + b"9" * 100_000 + b"}}"
    glb = good.written("x.glb", mesh=False)
    yield "long.glb", glb[:8] + struct.pack("<I", 2**32 - 1) + glb[12:]
    yield "json_length.glb", glb[:12] + struct.pack("<I", 2**32 - 1) + glb[16:]
    yield "short.glb", glb[:20]


def pickles() -> Files:
    yield "code.pkl", pickle.dumps({"v_template": Bad()}, protocol=2)
    yield "claims.pkl", b"\x80\x02}r\xff\xff\xff\x0f."  # remembers an object as number 268 million
    yield "frame.pkl", b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"}."
    yield "bytes.pkl", b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"."
    yield "bytearray.pkl", b"\x80\x05\x96" + struct.pack("<Q", 2**36) + b"."
    doubled = b"\x80\x02)q\x00" + b"".join(
        b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86q" + bytes([n + 1]) for n in range(60)
    )
    yield "hash.pkl", doubled + b"}h\x3cK\x01s."  # a key of 2^60 tuples in one another
    yield "set.pkl", doubled + b"c__builtin__\nset\n](h\x3ce\x85R."
    yield "text_key.pkl", b"\x80\x02}" + b"(" + b"I" + b"9" * 10_000 + b"\nK\x01u."
    circle = b"\x80\x02}(X\x01\x00\x00\x00xcchumpy.ch\nCh\n)\x81q\x00}(X\x01\x00\x00\x00xh\x00ubu."
    yield "circle.pkl", circle
    # The type of real numbers told to be big-endian for the whole process, were it NumPy's own.
    float_type = b"cnumpy\ndtype\n(X\x02\x00\x00\x00f8K\x00K\x01tR"
    swapped = b"(K\x03X\x01\x00\x00\x00>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    yield "type.pkl", b"\x80\x02}(X\x01\x00\x00\x00a" + float_type + swapped + b"u."
    # Eight bytes taken for the address of an object.
    object_type = float_type.replace(b"f8", b"O8")
    flags = swapped.replace(b"K\x00tb", b"K\x00tb").replace(b">", b"|")
    scalar = b"cnumpy.core.multiarray\nscalar\n(" + object_type + flags + b"U\x08AAAAAAAAtR"
    yield "address.pkl", b"\x80\x02}(X\x01\x00\x00\x00a" + scalar + b"u."
    yield "function.pkl", b"\x80\x02c_codecs\nencode\nN}X\x0c\x00\x00\x00__defaults__)s\x86b."
    yield "person.pkl", pickle.dumps({"x": 1}, protocol=0) + pickletools.optimize(pickle.dumps([1]))
    yield "nested.pkl", b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."


def short_files() -> Files:
    for extension in ("bvh", "npz", "npy", "csv", "glb", "gltf", "pkl", "json"):
        yield f"empty.{extension}", b""
        yield f"byte.{extension}", b"\xff"
        yield f"rubbish.{extension}", np.random.default_rng(1).bytes(5000)
        yield f"zip.{extension}", b"PK\x03\x04" + bytes(100)


def texts() -> Files:
    yield "deep.json", b"[" * 1_000_000
    yield "digits.json", b"9" * 5000
    yield "nan.json", b"NaN"
    yield "bom.json", b"\xff\xfe{"
    long_name = b"x" * 10_000
    yield "map.json", b'{"format": "segmo joint map", "version": 1, "joints": {"' + long_name + b'": "a"}}'
    yield "version.json", b'{"format": "segmo joint map", "version": "' + long_name + b'", "joints": {}}'
    yield "key.json", b'{"format": "segmo joint map", "' + long_name + b'": "", "joints": {}}'
    yield "digits.jsonl", b'{"id": ' + b"9" * 5000 + b', "caption": "a"}'
    yield "deep.jsonl", b"[" * 100_000
    yield "lone.jsonl", b'{"id": "\\ud800", "caption": "a \\udfff man"}'
    yield "byte.jsonl", b"\xff"
    yield "empty.jsonl", b""
