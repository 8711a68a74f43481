"""The bridge: other programs on this computer fetch the current take, written by the export lane when they ask."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from segmo_core.errors import CancelledError, InvalidRequestError, SegmoError
from segmo_core.formats.registry import FORMATS, MotionFormat
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_studio.document.document import Document
from segmo_studio.document.project import Take
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.take_server import ServedTake, TakeServer

BRIDGE_FORMATS = ("gltf", "fbx")
_PATIENCE_SECONDS = 300.0


class Bridge(QObject):
    """Off until ``switch(True)``. Lives in the window's thread; requests come from the server's threads."""

    changed = Signal()
    """Switched on or off."""
    served = Signal(str)
    """A take was handed over: its title."""

    _asked = Signal(str, object)

    def __init__(self, document: Document, engine: EngineService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._engine = engine
        self._server = TakeServer(self._provide)
        self._pending: list[Future[ServedTake]] = []
        self._asked.connect(self._export, Qt.ConnectionType.QueuedConnection)

    @property
    def is_on(self) -> bool:
        return self._server.is_on

    @property
    def address(self) -> str:
        """ "127.0.0.1:PORT" while on, else empty."""
        return self._server.address

    @property
    def token(self) -> str:
        """Another one every time the bridge is switched on; empty while off."""
        return self._server.token

    def switch(self, on: bool) -> None:
        """Listen, or stop listening. Raises SegmoError when there is no free port."""
        if on == self.is_on:
            return
        if on:
            self._server.start()
        else:
            self._server.stop()
            for future in self._pending:
                future.set_exception(CancelledError())
            self._pending.clear()
        self.changed.emit()

    def _provide(self, format_name: str) -> ServedTake:
        """Called in a thread of the server: has the window's thread start the export, and waits."""
        if format_name not in BRIDGE_FORMATS or format_name not in FORMATS:
            raise InvalidRequestError(f"format {format_name[:20]!r}, expected one of {', '.join(BRIDGE_FORMATS)}")
        future: Future[ServedTake] = Future()
        self._asked.emit(format_name, future)
        try:
            return future.result(_PATIENCE_SECONDS)
        except FutureTimeoutError:
            raise SegmoError("The Studio is busy; try again when its jobs are done.") from None

    def _export(self, format_name: str, future: Future[ServedTake]) -> None:
        take = self._document.current
        if not self.is_on:
            future.set_exception(CancelledError())
            return
        if take.motion is None:
            future.set_exception(InvalidRequestError("The current take has no motion yet: generate one in the Studio."))
            return
        options = _options(take, FORMATS[format_name])
        facts = _facts(take, options)
        self._pending.append(future)
        job = self._engine.export_to_memory(take.motion, take.shown_track, options, format_name)

        def settle(outcome: ServedTake | SegmoError) -> None:
            if future not in self._pending:
                return
            self._pending.remove(future)
            if isinstance(outcome, SegmoError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
                self.served.emit(options.title)

        job.finished.connect(lambda content: settle(ServedTake(content, facts)))
        job.failed.connect(lambda sentence, _details: settle(SegmoError(sentence)))
        job.cancelled.connect(lambda: settle(CancelledError()))


def _options(take: Take, row: MotionFormat) -> ExportOptions:
    """Bones that point at their children, as Blender draws them, at a whole number of frames a second, as it counts."""
    wanted: dict[str, Any] = {"bone_axes": "bone"}
    if take.frame_rate != round(take.frame_rate):
        wanted["frame_rate"] = float(max(1, round(take.frame_rate)))
    title = take.prompt.strip() or take.name
    return ExportOptions(title=title, **{name: value for name, value in wanted.items() if name in row.options})


def _facts(take: Take, options: ExportOptions) -> dict[str, Any]:
    track, rate = take.shown_track, take.frame_rate
    segments = [[part.text, part.start / rate, part.end / rate] for part in track] if track is not None else []
    return {
        "title": options.title,
        "frame_rate": options.frame_rate or rate,
        "seconds": take.motion.seconds if take.motion is not None else 0.0,
        "segments": segments,
    }
