"""The bridge: other programs on this computer fetch the current take, written by the export lane when they ask."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from segmo_core.errors import CancelledError, InvalidRequestError, SegmoError
from segmo_core.formats.registry import FORMATS
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.key_times import frame_times
from segmo_core.formats.scene.looping import as_loop, loop_range
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.services.bridge.take_server import ServedTake, TakeServer, TakeWishes
from segmo_studio.services.engine_service import EngineService

BRIDGE_FORMATS = ("fbx", "gltf")
_PATIENCE_SECONDS = 300.0


class Bridge(QObject):
    """Off until ``switch(True)``. Lives in the window's thread; requests come from the server's threads."""

    changed = Signal()
    """Switched on or off."""
    served = Signal(str)
    """A take was handed over: its title."""

    _asked = Signal(object, object)

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

    def _provide(self, wishes: TakeWishes) -> ServedTake:
        """Called in a thread of the server: has the window's thread start the export, and waits."""
        if wishes.format_name not in BRIDGE_FORMATS or wishes.format_name not in FORMATS:
            asked = wishes.format_name[:20]
            raise InvalidRequestError(f"format {asked!r}, expected one of {', '.join(BRIDGE_FORMATS)}")
        _options(wishes, "")  # refused here, in one sentence, where something is not known
        future: Future[ServedTake] = Future()
        self._asked.emit(wishes, future)
        try:
            return future.result(_PATIENCE_SECONDS)
        except FutureTimeoutError:
            raise SegmoError("The Studio is busy; try again when its jobs are done.") from None

    def _export(self, wishes: TakeWishes, future: Future[ServedTake]) -> None:
        take = self._document.current
        if not self.is_on:
            future.set_exception(CancelledError())
            return
        if take.motion is None:
            future.set_exception(InvalidRequestError("The current take has no motion yet: generate one in the Studio."))
            return
        options = _options(wishes, take.prompt.strip() or take.name)
        motion, track = take.motion, take.shown_track
        if wishes.loop:
            try:
                first, last = loop_range(motion)
            except InvalidRequestError as error:
                future.set_exception(error)
                return
            motion, track = as_loop(motion, first, last), None if track is None else track.cut(first, last + 1)
        facts = _facts(motion, track, options)
        self._pending.append(future)
        job = self._engine.export_to_memory(motion, track, options, wishes.format_name)

        def settle(outcome: ServedTake | SegmoError) -> None:
            if future not in self._pending:
                return
            self._pending.remove(future)
            if isinstance(outcome, SegmoError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
                self.served.emit(options.title)

        job.when_done(lambda content: settle(ServedTake(content, facts)))
        job.failed.connect(lambda sentence, _details: settle(SegmoError(sentence)))
        job.cancelled.connect(lambda: settle(CancelledError()))


def _options(wishes: TakeWishes, title: str) -> ExportOptions:
    """As Blender has it, so that nothing is turned or scaled on the way in: Z up, metres, bones in the limbs, and one
    key on every frame. Raises InvalidRequestError for a rate or a naming that there is not."""
    asked: dict[str, Any] = {
        "frame_rate": wishes.frame_rate, "names": wishes.names, "mesh": wishes.with_body,
        "unit": "m", "up_axis": "z", "bone_axes": "bone", "keys": "frame", "title": title,
    }  # fmt: skip
    room = FORMATS[wishes.format_name].options | {"title"}
    return ExportOptions(**{name: value for name, value in asked.items() if name in room})


def _facts(motion: Motion, track: SegmentTrack | None, options: ExportOptions) -> dict[str, Any]:
    rate = motion.frame_rate
    written = options.frame_rate or rate
    segments = [[part.text, part.start / rate, part.end / rate] for part in track] if track is not None else []
    return {
        "title": options.title,
        "frame_rate": written,
        "num_frames": len(frame_times(motion.num_frames, rate, written)),
        "seconds": motion.seconds,
        "segments": segments,
    }
