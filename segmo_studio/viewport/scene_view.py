"""A widget that paints what an off-screen scene has drawn: at the quality that the machine keeps up with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from segmo_core.errors import SegmoError
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.graphics import create_scene
from segmo_studio.viewport.painting import overlay
from segmo_studio.viewport.painting.enlarging import paint_enlarged
from segmo_studio.viewport.palette import ThemeName, palette
from segmo_studio.viewport.render_quality import FULL, AdaptiveQuality, Quality

if TYPE_CHECKING:
    from segmo_studio.viewport.scene import Scene

_IDLE_MILLISECONDS = 180  # without a change for so long, the view is drawn again in full quality


class SceneView(QWidget):
    """Subclasses fill the scene and say from where it is seen.

    VTK is imported when the view is first painted; until then the view only remembers what to show.
    """

    failed = Signal(str)  # the 3D view cannot work here: one sentence that says what to install
    looked = Signal()  # something in the picture changes: the camera, the moment, or what is shown
    paced = Signal(int)  # milliseconds between two pictures of something that moves, so that both look and work well

    def __init__(self, parent: QWidget | None, theme: ThemeName) -> None:
        super().__init__(parent)
        self._theme: ThemeName = theme
        self._scene: Scene | None = None
        self._failure: str | None = None
        self._image = QImage()
        self._stale, self._refine = True, False
        self._quality = AdaptiveQuality()
        self._views_together = 1
        self._idle = QTimer(self, singleShot=True, interval=_IDLE_MILLISECONDS)
        self._idle.timeout.connect(self._draw_in_full)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.release)

    @property
    def theme(self) -> ThemeName:
        return self._theme

    @property
    def is_drawn(self) -> bool:
        """Whether a picture of the scene is on show, or the sentence that there can be none."""
        return not self._image.isNull() or self._failure is not None

    @property
    def graphics(self) -> str:
        """What draws: the kind of window and of renderer."""
        return self._failure or ("nothing was drawn yet" if self._scene is None else self._scene.graphics)

    def share_time(self, views: int) -> None:
        """``views`` views, this one among them, show every moment together, so that each has its part of the time."""
        self._views_together = views

    def set_theme(self, theme: ThemeName) -> None:
        self._theme = theme
        if self._scene is not None:
            self._scene.set_theme(theme)
        self._changed()

    def release(self) -> None:
        """Frees the graphics memory; the view draws again when it is shown again."""
        self._idle.stop()
        if self._scene is not None:
            self._scene.close()
            self._scene = None
        self._stale = True

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self._scene is None:
            overlay.paint_background(painter, area, palette(self._theme))
            if self._failure is None:
                QTimer.singleShot(0, self._start)
            else:
                overlay.paint_message(painter, area, palette(self._theme), self._failure)
            return
        started, moves = time.perf_counter(), self._stale and not self._refine
        if self._stale:
            self._render(self._scene)
        paint_enlarged(painter, area, self._image)
        self._paint_over(painter, area)
        if moves:
            self._quality.note((time.perf_counter() - started) * self._views_together)
            self.paced.emit(self._quality.interval)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._changed()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.release()
        super().closeEvent(event)

    def _fill(self, scene: Scene) -> None:
        """Put everything into a scene that was just made."""
        raise NotImplementedError

    def _arrange(self, scene: Scene, camera: OrbitCamera | None, moment: float | None) -> None:
        """Before every picture: which parts, seen from where (None: the view's own camera), and when."""
        raise NotImplementedError

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        """What lies over the picture."""
        raise NotImplementedError

    def _changed(self) -> None:
        self._stale, self._refine = True, False
        self.update()
        self.looked.emit()

    def _start(self) -> None:
        if not self.isVisible():
            return
        try:
            self._ensure_scene()
        except SegmoError as error:
            self._failure = str(error)
            self.failed.emit(self._failure)
        self.update()

    def _ensure_scene(self) -> Scene:
        if self._scene is None:
            scene = create_scene(self._theme)
            self._fill(scene)
            self._scene = scene
        return self._scene

    def _render(self, scene: Scene) -> None:
        quality = FULL if self._refine else self._quality.moving
        size = self.size() * (self.devicePixelRatioF() * quality.scale)
        self._image = self._drawn(scene, size, quality)
        self._stale = False
        if quality != FULL:
            self._idle.start()

    def _draw_in_full(self) -> None:
        if self.isVisible():
            self._stale = self._refine = True
            self.update()

    def _drawn(
        self,
        scene: Scene,
        size: QSize,
        quality: Quality,
        camera: OrbitCamera | None = None,
        moment: float | None = None,
    ) -> QImage:
        self._arrange(scene, camera, moment)
        scene.set_smooth_edges(quality.smooth)
        scene.set_coarse(quality.coarse)
        width, height = max(size.width(), 1), max(size.height(), 1)
        pixels = scene.render(width, height)
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBX8888)
        # A copy with the top row first, in the one format that Qt scales quickly: a third of the time.
        return image.mirrored(False, True).convertToFormat(QImage.Format.Format_RGB32)
