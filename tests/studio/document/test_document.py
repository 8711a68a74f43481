"""Document and selection: undo, amending, merging, take switching."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication

from segmo_core.project.project import Project, Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.document.selection import Selection

TRACK = SegmentTrack.from_durations(["walk", "wave"], [40, 20])


def test_an_edit_is_undone_and_redone_and_says_so(qapp: QApplication) -> None:
    document = Document()
    seen = []
    document.take_edited.connect(lambda before, after: seen.append((before.prompt, after.prompt)))
    take = document.current
    document.push_take("Edit prompt", replace(take, prompt="walk"))
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert seen == [("", "walk"), ("walk", ""), ("", "walk")]
    assert document.undo_stack.undoText() == "Edit prompt"
    assert document.is_modified


def test_amending_puts_an_outcome_into_the_step_that_asked_for_it(qapp: QApplication) -> None:
    document = Document()
    first = document.current
    asked = replace(first, track=TRACK)
    command = document.push_take("Move", asked)
    assert document.amend(command, asked, replace(asked, name="done"))
    assert document.undo_stack.count() == 1
    assert document.current.name == "done"
    document.undo_stack.undo()
    assert document.current is first
    document.undo_stack.redo()
    assert document.current.name == "done"


def test_amending_is_refused_after_another_step_or_another_value(qapp: QApplication) -> None:
    document = Document()
    asked = replace(document.current, track=TRACK)
    command = document.push_take("Move", asked)
    document.push_take("Edit prompt", replace(asked, prompt="x"))
    assert not document.amend(command, asked, replace(asked, name="late"))
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert not document.amend(command, asked, replace(asked, name="late"))
    assert document.current.name == "Take 1"


def test_only_edits_with_the_same_key_merge(qapp: QApplication) -> None:
    document = Document()
    for seconds in (1, 2, 3):
        document.push_take("Duration", replace(document.current, name=f"{seconds}"), "duration 1")
    document.push_take("Duration", replace(document.current, name="other"), "duration 2")
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.current.name == "3"
    document.undo_stack.undo()
    assert document.current.name == "Take 1"


def test_switching_takes_is_no_undo_step(qapp: QApplication) -> None:
    document = Document()
    document.push_take("New take", replace(document.project.next_take(), track=TRACK))
    selection = Selection(document)
    document.select_take(1)
    assert document.current.take_id == 1
    assert selection.segment == -1
    document.select_take(2)
    assert selection.segment == 0
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert [take.take_id for take in document.project.takes] == [1]


def test_a_project_always_holds_a_take() -> None:
    project = Project(takes=(Take(1, "Take 1", prompt="walk"),))
    assert project.without_take(1).current.is_empty
    two = project.with_take(project.next_take())
    assert two.current_id == 2
    assert two.without_take(2).current.prompt == "walk"


def test_selection_stays_inside_the_track(qapp: QApplication) -> None:
    document = Document()
    selection = Selection(document)
    document.push_take("Propose", replace(document.current, track=TRACK))
    selection.select_segment(1)
    document.push_take("Merge", replace(document.current, track=TRACK.merge(0)))
    assert selection.segment == 0
