"""The index of a motion library on disk: one SQLite file, written in one transaction per motion file.

Motions are kept by the SHA-256 of their files, files by their path; so copies and moved files are encoded once.
The vectors of a motion are one blob, in half precision; searching (library.search) reads them all into memory.
"""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError, LibraryIndexError, in_short
from segmo_core.library.embedding_space import EmbeddingSpace

FloatArray = NDArray[np.floating]
P = ParamSpec("P")
T = TypeVar("T")

INDEX_NAME = "library.sqlite"
FORMAT_VERSION = 1  # of the tables and of which windows are kept
BUSY_SECONDS = 30.0

_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE motions (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, num_frames INTEGER NOT NULL, frame_rate REAL NOT NULL,
    tokens BLOB NOT NULL, windows BLOB NOT NULL, vectors BLOB NOT NULL);
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL,
    motion INTEGER NOT NULL REFERENCES motions (id));
CREATE INDEX files_of_motion ON files (motion);
CREATE TABLE failures (path BLOB PRIMARY KEY, sentence TEXT NOT NULL);
"""
_TOKENS, _WINDOWS, _VECTORS = np.dtype("<i2"), np.dtype("<i4"), np.dtype("<f2")


def usual_library() -> Path:
    """The folder of the library where none is named: in the user's data."""
    from platformdirs import user_data_path

    return user_data_path("segmo", appauthor=False) / "library"


@dataclass(frozen=True)
class FileStamp:
    """What tells without reading whether a file changed: its size, and when it was modified, in nanoseconds."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> FileStamp:
        """Raises OSError when there is no such file."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, eq=False)
class IndexedMotion:
    """What the index keeps of one motion.

    num_frames, frame_rate: of its file. token_ids: (N,) base tokens. windows: (M, 2) half-open token ranges.
    vectors: (M, d) unit vectors of them.
    """

    num_frames: int
    frame_rate: float
    token_ids: NDArray[np.integer]
    windows: NDArray[np.integer]
    vectors: FloatArray


@dataclass(frozen=True, eq=False)
class LibraryVectors:
    """All windows of a library, in an order that depends on its motions alone.

    vectors: (M, d) float32. windows: (M, 2) tokens. motions: (M,) the id of each one's motion.
    """

    vectors: NDArray[np.float32]
    windows: NDArray[np.int32]
    motions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.motions)


@dataclass(frozen=True)
class LibraryInfo:
    """What is in a library. vanished: files that are no longer there. failures: sentence by file not read."""

    folder: Path
    bundle: str
    num_files: int
    num_motions: int
    num_windows: int
    seconds: float
    num_bytes: int
    vanished: tuple[Path, ...]
    failures: Mapping[Path, str]


def _undamaged(method: Callable[Concatenate[MotionIndex, P], T]) -> Callable[Concatenate[MotionIndex, P], T]:
    """``method``, with LibraryIndexError for rows whose values cannot be what was written."""

    @functools.wraps(method)
    def told(self: MotionIndex, /, *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, *arguments, **named)
        except (ValueError, TypeError, OverflowError, ArithmeticError, MemoryError) as error:
            reason = in_short(error, 80)
            raise LibraryIndexError(f"{self.path}: a damaged row ({reason}), expected an undamaged index") from None

    return told


class MotionIndex:
    """The index in a library's folder. Every call opens the database anew, so any thread and process may call.

    All methods raise LibraryIndexError when the file is damaged or cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.path = self.folder / INDEX_NAME

    def create(self, space: EmbeddingSpace) -> None:
        """Make folder and file where there are none; otherwise check that the library is of ``space``."""
        if not self.path.exists():
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LibraryIndexError(f"{self.folder}: cannot be made a library ({error.strerror})") from None
        with self._opened(must_exist=False) as database:
            database.execute("BEGIN IMMEDIATE")
            if not _has_tables(database):
                for statement in _TABLES.split(";"):
                    database.execute(statement)
                settings = {"version": str(FORMAT_VERSION), "revision": "0"}
                settings |= {"bundle": space.bundle, "fingerprint": space.fingerprint}
                database.executemany("INSERT INTO settings VALUES (?, ?)", list(settings.items()))
        self.check_space(space)

    @_undamaged
    def check_space(self, space: EmbeddingSpace) -> None:
        """InvalidRequestError when the library was made with a bundle whose vectors mean something else."""
        with self._opened() as database:
            own = EmbeddingSpace(_setting(database, "bundle"), _setting(database, "fingerprint"))
        if own.fingerprint != space.fingerprint:
            raise InvalidRequestError(
                f"{self.folder}: this library was made with another bundle ({own.bundle}) than {space.bundle}, whose "
                "vectors mean something else, expected that bundle or a new library"
            )

    @property
    @_undamaged
    def revision(self) -> int:
        """Changes with every change of the library."""
        with self._opened() as database:
            return int(_setting(database, "revision"))

    @_undamaged
    def stamps(self) -> dict[Path, FileStamp]:
        """All files in the library, as they were when read."""
        with self._opened() as database:
            rows = database.execute("SELECT path, size, modified FROM files").fetchall()
        return {_as_path(path): FileStamp(size, modified) for path, size, modified in rows}

    @_undamaged
    def checksum(self, path: Path) -> str | None:
        """SHA-256 of a file as it was when read; None for one that is not in the library."""
        query = "SELECT sha256 FROM motions JOIN files ON files.motion = motions.id WHERE path = ?"
        with self._opened() as database:
            row = database.execute(query, (_as_blob(path),)).fetchone()
        return None if row is None else str(row[0])

    def put_copy(self, path: Path, stamp: FileStamp, sha256: str) -> bool:
        """Enter a file whose content is known already; False when it is not. Its former, vanished paths go."""
        with self._changing() as database:
            row = database.execute("SELECT id FROM motions WHERE sha256 = ?", (sha256,)).fetchone()
            if row is None:
                return False
            same = database.execute("SELECT path FROM files WHERE motion = ?", row).fetchall()
            gone = [(found,) for (found,) in same if not _as_path(found).exists()]
            database.executemany("DELETE FROM files WHERE path = ?", gone)
            _put_file(database, path, stamp, row[0])
        return True

    def put(self, path: Path, stamp: FileStamp, sha256: str, motion: IndexedMotion) -> None:
        """Enter a file and its motion, in place of what was known of that path."""
        row = (
            sha256,
            motion.num_frames,
            motion.frame_rate,
            motion.token_ids.astype(_TOKENS).tobytes(),
            motion.windows.astype(_WINDOWS).tobytes(),
            motion.vectors.astype(_VECTORS).tobytes(),
        )
        columns = "sha256, num_frames, frame_rate, tokens, windows, vectors"
        with self._changing() as database:
            database.execute(f"INSERT OR IGNORE INTO motions ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
            (motion_id,) = database.execute("SELECT id FROM motions WHERE sha256 = ?", (sha256,)).fetchone()
            _put_file(database, path, stamp, motion_id)

    def put_failure(self, path: Path, sentence: str) -> None:
        """Note that a file could not be read; what was known of that path goes."""
        text = sentence.encode(errors="backslashreplace").decode()  # it may name a file in bytes that are no text
        with self._changing() as database:
            database.execute("DELETE FROM files WHERE path = ?", (_as_blob(path),))
            database.execute("INSERT OR REPLACE INTO failures VALUES (?, ?)", (_as_blob(path), text))
            _drop_unused(database)

    @_undamaged
    def remove(self, paths: Sequence[Path]) -> int:
        """Take files, or all files of folders, out of the library; how many were in it. Nothing on disk is touched."""
        with self._changing() as database:
            known = [_as_path(row[0]) for row in database.execute("SELECT path FROM files")]
            failed = [_as_path(row[0]) for row in database.execute("SELECT path FROM failures")]
            meant = [path for path in known if any(path.is_relative_to(each) for each in paths)]
            database.executemany("DELETE FROM files WHERE path = ?", [(_as_blob(path),) for path in meant])
            forgotten = [(_as_blob(path),) for path in failed if any(path.is_relative_to(each) for each in paths)]
            database.executemany("DELETE FROM failures WHERE path = ?", forgotten)
            _drop_unused(database)
        return len(meant)

    @_undamaged
    def vectors(self) -> LibraryVectors:
        """Every window of the library, in memory: 1 KB each at 256 numbers a vector."""
        with self._opened() as database:
            rows = database.execute("SELECT id, windows, vectors FROM motions ORDER BY sha256").fetchall()
        windows = [np.frombuffer(row[1], _WINDOWS).reshape(-1, 2) for row in rows]
        if any((each[:, 0] < 0).any() or (each[:, 0] >= each[:, 1]).any() for each in windows):
            raise ValueError("a window that ends before it begins")
        widths = {
            len(row[2]) / (_VECTORS.itemsize * max(1, len(each))) for row, each in zip(rows, windows, strict=True)
        }
        if len(widths) > 1 or any(width != int(width) for width in widths):
            raise LibraryIndexError(f"{self.path}: vectors of unequal length, expected an undamaged index")
        if not rows:
            return LibraryVectors(np.empty((0, 0), np.float32), np.empty((0, 2), np.int32), np.empty(0, np.int64))
        width = int(widths.pop())
        counts = [len(each) for each in windows]
        vectors = np.empty((sum(counts), width), np.float32)
        for end, (_, _, blob), count in zip(np.cumsum(counts), rows, counts, strict=True):
            vectors[end - count : end] = np.frombuffer(blob, _VECTORS).reshape(count, width)
        ids = np.repeat(np.array([row[0] for row in rows], np.int64), counts)
        return LibraryVectors(vectors, np.concatenate(windows).astype(np.int32), ids)

    @_undamaged
    def motion(self, motion_id: int) -> tuple[IndexedMotion, tuple[Path, ...]] | None:
        """A motion without its windows, and its files in alphabetical order; None when it is not there any more."""
        with self._opened() as database:
            query = "SELECT num_frames, frame_rate, tokens FROM motions WHERE id = ?"
            row = database.execute(query, (motion_id,)).fetchone()
            files = database.execute("SELECT path FROM files WHERE motion = ? ORDER BY path", (motion_id,)).fetchall()
        if row is None:
            return None
        num_frames, frame_rate, tokens = row
        if not (num_frames > 0 and 0 < frame_rate < float("inf")):
            raise ValueError(f"{num_frames} frames at {frame_rate} a second")
        no_windows, no_vectors = np.empty((0, 2), np.int32), np.empty((0, 0), np.float32)
        ids = np.frombuffer(tokens, _TOKENS).astype(np.int64)
        return IndexedMotion(num_frames, frame_rate, ids, no_windows, no_vectors), tuple(
            _as_path(path) for (path,) in files
        )

    @_undamaged
    def info(self) -> LibraryInfo:
        """Counts, and what is wrong with single files."""
        with self._opened() as database:
            paths = [_as_path(row[0]) for row in database.execute("SELECT path FROM files ORDER BY path")]
            failed = database.execute("SELECT path, sentence FROM failures ORDER BY path").fetchall()
            bundle = _setting(database, "bundle")
            motions, seconds, num_bytes = database.execute(
                "SELECT count(*), coalesce(sum(num_frames / frame_rate), 0), coalesce(sum(length(windows)), 0) "
                "FROM motions"
            ).fetchone()
        return LibraryInfo(
            folder=self.folder,
            bundle=bundle,
            num_files=len(paths),
            num_motions=motions,
            num_windows=num_bytes // (2 * _WINDOWS.itemsize),
            seconds=seconds,
            num_bytes=self.path.stat().st_size,
            vanished=tuple(path for path in paths if not path.exists()),
            failures={_as_path(path): sentence for path, sentence in failed},
        )

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that counts as a change: on disk when the block ends, undone when it raises."""
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")

    @contextmanager
    def _opened(self, *, must_exist: bool = True) -> Iterator[sqlite3.Connection]:
        if must_exist and not self.path.is_file():
            raise LibraryIndexError(f"{self.folder}: no library there, expected a folder with {INDEX_NAME}")
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)) as database:
                if must_exist:
                    self._check_version(database)
                yield database
                if database.in_transaction:
                    database.execute("COMMIT")
        except sqlite3.Error as error:
            raise LibraryIndexError(f"{self.path}: cannot be used as a library's index ({error})") from None

    def _check_version(self, database: sqlite3.Connection) -> None:
        if not _has_tables(database):
            raise LibraryIndexError(f"{self.path}: holds no library, expected one made by segmo library add")
        version = _setting(database, "version")
        if version != str(FORMAT_VERSION):
            raise LibraryIndexError(f"{self.path}: version {version}, expected {FORMAT_VERSION}; add the motions anew")


def _has_tables(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'failures'").fetchone() is not None


def _setting(database: sqlite3.Connection, name: str) -> str:
    row = database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _put_file(database: sqlite3.Connection, path: Path, stamp: FileStamp, motion_id: int) -> None:
    row = (_as_blob(path), stamp.size, stamp.modified, motion_id)
    database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
    database.execute("DELETE FROM failures WHERE path = ?", row[:1])
    _drop_unused(database)


def _drop_unused(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM motions WHERE NOT EXISTS (SELECT 1 FROM files WHERE files.motion = motions.id)")


def _as_blob(path: Path) -> bytes:
    return os.fsencode(path)  # names of files need not be valid Unicode


def _as_path(blob: bytes) -> Path:
    return Path(os.fsdecode(blob))
