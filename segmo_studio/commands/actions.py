"""The one table of actions: names, menus, shortcuts. A test forbids clashing shortcuts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from segmo_studio.theme.panel_names import panel_of


@dataclass(frozen=True)
class ActionSpec:
    """name: how the code calls it. menu: where it is listed, "View > Camera" in a menu of its own inside; "" for none.
    group: a line separates groups.

    panels: where its keys are for it, by name; empty for everywhere.
    """

    name: str
    text: str
    menu: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: int = 0
    panels: tuple[str, ...] = ()


_INSIDE = " > "
_WITH_SEGMENTS = ("prompt", "inspector", "timeline", "view")


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("new_take", "New take", "File", ("Ctrl+N",)),
    ActionSpec("open", "Open motion…", "File", ("Ctrl+O",)),
    ActionSpec("show_reading", "How the motion was read…", "File", ("Ctrl+I",)),
    ActionSpec("add_prop", "Add prop or ground…", "File"),
    ActionSpec("remove_props", "Remove props", "File"),
    ActionSpec("new_project", "New project", "File", ("Ctrl+Shift+N",), group=1),
    ActionSpec("open_project", "Open project…", "File", ("Ctrl+Shift+O",), group=1),
    ActionSpec("save", "Save project", "File", ("Ctrl+S",), group=1),
    ActionSpec("save_as", "Save project as…", "File", ("Ctrl+Shift+S",), group=1),
    ActionSpec("models", "Manage models…", "Models", ("Ctrl+Shift+M",)),
    ActionSpec("train", "Train…", "Models"),
    ActionSpec("evaluate", "Evaluate…", "Models"),
    ActionSpec("open_bundle", "Open model bundle…", "Models"),
    ActionSpec("use_starter", "Use starter bundle", "Models"),
    ActionSpec("use_everyday", "Use everyday bundle (more words, less exact)", "Models"),
    ActionSpec("export", "Export…", "File", ("Ctrl+E",), group=3),
    ActionSpec("show_in_folder", "Show last export in folder", "File", ("Ctrl+Shift+E",), group=3),
    ActionSpec("bridge", "Blender bridge…", "File", ("Ctrl+B",), group=3),
    ActionSpec("batch", "Batch from a list…", "File", group=3),
    ActionSpec("copy_command", "Copy as command line", "File", ("Ctrl+Shift+C",), group=3),
    ActionSpec("screenshot", "Save picture of the view…", "File", ("P",), group=3),
    ActionSpec("record", "Picture or video of the view…", "File", ("Shift+P",), group=3),
    ActionSpec("quit", "Quit", "File", ("Ctrl+Q",), group=4),
    ActionSpec("undo", "Undo", "Edit", ("Ctrl+Z",)),
    ActionSpec("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y")),
    ActionSpec("add_segment", "Add segment", "Edit", ("A",), group=1, panels=_WITH_SEGMENTS),
    ActionSpec("insert_segment", "Insert segment behind it", "Edit", ("Shift+A",), group=1, panels=_WITH_SEGMENTS),
    ActionSpec("split", "Split at playhead", "Edit", ("S",), "split", group=1, panels=_WITH_SEGMENTS),
    ActionSpec("merge", "Merge with next", "Edit", ("M",), "merge", group=1, panels=_WITH_SEGMENTS),
    ActionSpec("delete", "Delete segment", "Edit", ("Delete",), "trash", group=1, panels=_WITH_SEGMENTS),
    ActionSpec(
        "delete_ripple",
        "Delete segment and close the gap",
        "Edit",
        ("Shift+Delete",),
        "trash",
        group=1,
        panels=_WITH_SEGMENTS,
    ),
    ActionSpec("edit_text", "Edit text of segment", "Edit", ("F2",), group=1, panels=_WITH_SEGMENTS),
    ActionSpec("cut", "Cut segments", "Edit", ("Ctrl+X",), group=2, panels=_WITH_SEGMENTS),
    ActionSpec("copy", "Copy segments", "Edit", ("Ctrl+C",), group=2, panels=_WITH_SEGMENTS),
    ActionSpec("paste", "Paste segments", "Edit", ("Ctrl+V",), group=2, panels=_WITH_SEGMENTS),
    ActionSpec("duplicate", "Duplicate segments", "Edit", ("Ctrl+D",), group=2, panels=_WITH_SEGMENTS),
    ActionSpec("select_all", "Select all segments", "Edit", ("Ctrl+A",), group=2, panels=_WITH_SEGMENTS),
    ActionSpec("boundary_earlier", "End of segment earlier", "Edit", ("Ctrl+Left",), group=3, panels=_WITH_SEGMENTS),
    ActionSpec("boundary_later", "End of segment later", "Edit", ("Ctrl+Right",), group=3, panels=_WITH_SEGMENTS),
    ActionSpec(
        "segment_earlier", "Move segments earlier", "Edit", ("Ctrl+Shift+Left",), group=3, panels=_WITH_SEGMENTS
    ),
    ActionSpec("segment_later", "Move segments later", "Edit", ("Ctrl+Shift+Right",), group=3, panels=_WITH_SEGMENTS),
    ActionSpec("typical_duration", "Typical length for segment", "Edit", ("Y",), group=3, panels=_WITH_SEGMENTS),
    ActionSpec("lock", "Lock segment", "Edit", ("Ctrl+L",), "lock", True, group=3),
    ActionSpec("settings", "Settings…", "Edit", ("Ctrl+,",), group=9),
    ActionSpec("generate", "Generate", "Motion", ("Ctrl+Return", "Ctrl+Enter")),
    ActionSpec("propose", "Propose segments", "Motion", ("Ctrl+Shift+Return", "Ctrl+Shift+Enter")),
    ActionSpec("segmenter", "Who cuts prompts…", "Motion", ("Ctrl+K",)),
    ActionSpec("regenerate", "Regenerate changed segments", "Motion", ("Ctrl+R",)),
    ActionSpec("reroll", "Another variation of this segment", "Motion", ("R",), panels=_WITH_SEGMENTS),
    ActionSpec("variations", "Make 4 variations", "Motion", ("Ctrl+Shift+R",)),
    ActionSpec("mend", "Mend this segment", "Motion", ("Ctrl+M",), panels=_WITH_SEGMENTS),
    ActionSpec("repair", "Repair flagged segments", "Motion", ("Shift+R",), panels=_WITH_SEGMENTS),
    ActionSpec("find", "Find in motion", "Motion", ("Ctrl+F",), group=1),
    ActionSpec("use_grounding", "Use found stretch as segment", "Motion", ("U",), group=1, panels=_WITH_SEGMENTS),
    ActionSpec("describe", "Describe the motion", "Motion", ("Ctrl+Shift+F",), group=1),
    ActionSpec(
        "use_all_found", "Use all that is found as segments", "Motion", ("Shift+U",), group=1, panels=_WITH_SEGMENTS
    ),
    ActionSpec("library", "Search a library of motions…", "Motion", ("Ctrl+Shift+L",), group=1),
    ActionSpec("save_clips", "Save segments as training clips…", "Motion", group=1),
    ActionSpec("cancel", "Cancel running job", "Motion", ("Ctrl+.",), group=2),
    ActionSpec("star_take", "Star take", "Takes", ("Shift+S",), "star", True),
    ActionSpec("rename_take", "Rename take", "Takes"),
    ActionSpec("delete_take", "Delete take", "Takes"),
    ActionSpec("previous_take", "Previous take", "Takes", ("Ctrl+PgUp",), group=1),
    ActionSpec("next_take", "Next take", "Takes", ("Ctrl+PgDown",), group=1),
    ActionSpec("swap_takes", "Other one of two takes (A/B)", "Takes", ("V",), group=2),
    ActionSpec("compare_take", "Compare with this take", "Takes", ("Shift+V",), "ghosts", True, group=2),
    ActionSpec("compare_sides", "Compared takes side by side", "Takes", ("D",), "sides", True, group=2),
    ActionSpec("compare_ghosts", "Compared takes as ghosts", "Takes", ("G",), "ghosts", True, group=2),
    ActionSpec("play", "Play or pause", "Playback", ("Space",), "play"),
    ActionSpec("previous_frame", "Previous frame", "Playback", ("Left",), "previous", group=1),
    ActionSpec("next_frame", "Next frame", "Playback", ("Right",), "next", group=1),
    ActionSpec("previous_boundary", "Previous boundary", "Playback", ("Shift+Left",), group=1),
    ActionSpec("next_boundary", "Next boundary", "Playback", ("Shift+Right",), group=1),
    ActionSpec("first_frame", "First frame", "Playback", ("Home",), "first", group=1),
    ActionSpec("last_frame", "Last frame", "Playback", ("End",), "last", group=1),
    ActionSpec("shuttle_back", "Play backwards, faster with every press", "Playback", ("J",), group=2),
    ActionSpec("shuttle_stop", "Stop", "Playback", ("K",), group=2),
    ActionSpec("shuttle_forward", "Play forwards, faster with every press", "Playback", ("L",), group=2),
    ActionSpec("slower", "Slower", "Playback", ("[",), group=2),
    ActionSpec("faster", "Faster", "Playback", ("]",), group=2),
    ActionSpec("loop", "Loop", "Playback", ("Shift+L",), "loop", True, group=3),
    ActionSpec("loop_in", "Loop starts here", "Playback", (",",), group=3),
    ActionSpec("loop_out", "Loop ends here", "Playback", (".",), group=3),
    ActionSpec("loop_clear", "Loop the whole motion", "Playback", ("\\",), group=3),
    ActionSpec("fit", "Fit timeline", "View", ("F",), "fit"),
    ActionSpec("show_feet", "Row of standing feet", "View", ("Shift+F",), "feet", True),
    ActionSpec("show_graphs", "Graphs of speed, height, similarity", "View", ("Shift+G",), "graph", True),
    ActionSpec("view_front", "View from the front", "View > Camera", ("1",), "front", group=1),
    ActionSpec("view_side", "View from the side", "View > Camera", ("3",), "side", group=1),
    ActionSpec("view_top", "View from above", "View > Camera", ("7",), "top", group=1),
    ActionSpec("view_back", "View from the back", "View > Camera", ("Ctrl+1",), group=1),
    ActionSpec("view_other_side", "View from the other side", "View > Camera", ("Ctrl+3",), group=1),
    ActionSpec("view_below", "View from below", "View > Camera", ("Ctrl+7",), group=1),
    ActionSpec("reset_camera", "Reset camera", "View > Camera", ("0",), "home", group=1),
    ActionSpec("follow", "Camera follows the figure", "View > Camera", ("C",), "follow", True, group=1),
    ActionSpec("frame_segment", "Frame the selected segment", "View > Camera", ("Z",), group=1),
    ActionSpec("frame_motion", "Frame the whole motion", "View > Camera", ("Shift+Z",), group=1),
    ActionSpec("parallel", "Without perspective", "View > Camera", ("5",), "", True, group=1),
    ActionSpec("show_body", "Body", "View", ("B",), "body", True, group=2),
    ActionSpec("show_skeleton", "Skeleton", "View", ("X",), "bone", True, group=2),
    ActionSpec("show_path", "Path on the ground", "View", ("T",), "path", True, group=2),
    ActionSpec("show_contacts", "Feet that stand", "View", ("Shift+C",), "contact", True, group=2),
    ActionSpec("show_trails", "Ways of hands and feet", "View", ("Shift+T",), "trails", True, group=2),
    ActionSpec("show_metres", "Metres on the floor", "View", ("Shift+M",), "", True, group=2),
    ActionSpec("show_names", "Names of joints under the mouse", "View", ("Shift+N",), "", True, group=2),
    ActionSpec("theme_dark", "Dark theme", "View > Theme", (), "", True, group=3),
    ActionSpec("theme_light", "Light theme", "View > Theme", (), "", True, group=3),
    ActionSpec("theme_contrast", "High-contrast theme", "View > Theme", (), "", True, group=3),
    ActionSpec("theme_system", "Theme of the system", "View > Theme", (), "", True, group=3),
    ActionSpec("reset_layout", "Reset layout", "View", (), group=4),
    ActionSpec("palette", "Command palette", "Help", ("Ctrl+P",)),
    ActionSpec("messages", "Messages…", "Help", ("F8",)),
    ActionSpec("shortcuts", "Keyboard shortcuts", "Help", ("?",)),
    ActionSpec("tour", "Tour", "Help", group=1),
    ActionSpec("log", "Show log…", "Help", group=1),
    ActionSpec("diagnostics", "Copy diagnostics…", "Help", group=1),
    ActionSpec("about", "About SegMo Studio", "Help", group=2),
)

_LIST_KEYS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip
_TEXT_WIDGETS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)


class Actions:
    """The QActions of a window, by name: ``actions["play"]``."""

    def __init__(self, window: QWidget) -> None:
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(shortcut) for shortcut in spec.shortcuts])
            action.setCheckable(spec.checkable)
            if spec.shortcuts:
                action.setToolTip(f"{spec.text}  ({shortcut_text(spec)})")
            self._actions[spec.name] = action
        window.addActions(self.all())

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def all(self) -> list[QAction]:
        """In the order of the table."""
        return list(self._actions.values())

    def fill_menu(self, menu: QMenu, title: str) -> None:
        """List the actions of one menu, groups separated by lines."""
        group = None
        inside: dict[str, QMenu] = {}
        for spec in ACTIONS:
            top, _, inner = spec.menu.partition(_INSIDE)
            if top != title:
                continue
            if group is not None and spec.group != group:
                menu.addSeparator()
            group = spec.group
            if inner and inner not in inside:
                inside[inner] = menu.addMenu(inner)
            (inside[inner] if inner else menu).addAction(self._actions[spec.name])


def spec_of(name: str) -> ActionSpec:
    """The row of the table with this name."""
    return next(spec for spec in ACTIONS if spec.name == name)


def menu_titles() -> list[str]:
    """Menus in order of first appearance."""
    return list(dict.fromkeys(spec.menu.partition(_INSIDE)[0] for spec in ACTIONS if spec.menu))


def shortcut_text(spec: ActionSpec) -> str:
    """The first shortcut as people write it on this system ("Ctrl+Z", "⌘Z")."""
    return QKeySequence(spec.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) if spec.shortcuts else ""


def shortcut_tables() -> dict[str, list[tuple[str, str]]]:
    """Keys and what they do, by menu; for the sheet of shortcuts."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for spec in ACTIONS:
        if spec.shortcuts:
            tables.setdefault(spec.menu.partition(_INSIDE)[0], []).append((shortcut_text(spec), spec.text.rstrip("…")))
    return tables


class TypingGuard(QObject):
    """While a text field has the focus, keys without Ctrl, Alt or Meta are text and no shortcuts.

    Buttons and lists keep Space and the arrow keys, so that the keyboard alone can work every panel, and a panel keeps
    the keys of actions that are none of its own. Watches only the widget that has the focus, for that is where Qt asks
    first whose key it is.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_question = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_question and isinstance(watched, QWidget) and _belongs_to(watched, event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _watch(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)


def _belongs_to(widget: QWidget, event: QKeyEvent) -> bool:
    keys = QKeySequence(event.keyCombination()).toString()
    elsewhere = (spec for spec in ACTIONS if spec.panels and panel_of(widget) not in spec.panels)
    if any(keys == QKeySequence(shortcut).toString() for spec in elsewhere for shortcut in spec.shortcuts):
        return not isinstance(widget, QMainWindow)
    commanding = (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    if event.modifiers() & commanding:
        return False
    key = Qt.Key(event.key())
    if isinstance(widget, _TEXT_WIDGETS):
        # Function keys are never text, and Escape and Tab keep their meaning in the field itself.
        return not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    if isinstance(widget, QAbstractItemView):
        return key in _LIST_KEYS
    if isinstance(widget, (QAbstractButton, QComboBox)):
        return key == Qt.Key.Key_Space or (isinstance(widget, QComboBox) and key in (Qt.Key.Key_Up, Qt.Key.Key_Down))
    return False
