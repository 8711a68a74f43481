import importlib.util
import json
from pathlib import Path

import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation.grammar.verbs import guessed_verb_form, third_person, verb_form
from segmo_core.segmentation.text_rules import RulesSegmenter

SHARED_TEXT = Path(__file__).parents[3].parent / "shared" / "text"


def segments(caption: str) -> list[str]:
    return [segment.text for segment in RulesSegmenter().segment(caption).segments]


ORDER_OF_MENTION = {
    "a person walks forward, then waves with the right hand": [
        "A person walks forward.",
        "A person waves with the right hand.",
    ],
    "walk forward and wave": ["A person walks forward.", "A person waves."],
    "Walk three steps, turn left, and kick with your right leg.": [
        "A person walks three steps.",
        "A person turns left.",
        "A person kicks with their right leg.",
    ],
    "a man is walking forward and then he stopped": ["A person walks forward.", "A person stops."],
    "A person kneels. She waves twice; finally she gets up.": [
        "A person kneels.",
        "A person waves twice.",
        "A person gets up.",
    ],
    "someone starts by jogging and ends up lying down": ["A person jogs.", "A person lies down."],
    "a person reaching up and clapping": ["A person reaches up.", "A person claps."],
    "a low bow followed by a twirl": ["A person takes a low bow.", "A person does a twirl."],
    "a person walks to the left then back": ["A person walks to the left.", "A person walks back."],
    "a person waves the left hand, then the right hand": [
        "A person waves the left hand.",
        "A person waves the right hand.",
    ],
}

TOLD_BACKWARDS = {
    "a person sits down after walking in a circle": ["walks in a circle", "sits down"],
    "after walking in a circle, a person sits down": ["walks in a circle", "sits down"],
    "before sitting down the person walks in a circle": ["walks in a circle", "sits down"],
    "a person walks in a circle before sitting down": ["walks in a circle", "sits down"],
    "once he has stretched the man runs": ["stretches", "runs"],
    "as soon as she lands, she rolls over": ["lands", "rolls over"],
    "having crouched down, someone jumps": ["crouches down", "jumps"],
    "jumps after spinning twice, but before that walks": ["walks", "spins twice", "jumps"],
    "A person bows. Before that, he claps and steps back.": ["claps", "steps back", "bows"],
    "someone turns around and, after clapping, sits": ["turns around", "claps", "sits"],
    "the man, before leaving, takes a bow": ["takes a bow", "leaves"],
    "a person waves, but only after standing up": ["stands up", "waves"],
    "a person hops before turning, before lying down": ["hops", "turns", "lies down"],
}

ONE_SEGMENT = [
    "a person walks while waving both hands",
    "a person walks forward slowly, swinging the arms",
    "a person lifts the left arm and the right leg",
    "a person hops up and down with arms out",
    "a person sits down and stands up three times",
    "a person walks as if carrying something heavy and fragile",
    "a person performs kicks and punches",
    "a person bends down to pick up a ball",
    "a person walks faster than before",
    "a person stands next to a chair",
    "a person jumps once with both feet",
    "a person creeps forward until he reaches the wall",
]


@pytest.mark.parametrize(("caption", "expected"), ORDER_OF_MENTION.items())
def test_actions_in_order_of_mention(caption, expected):
    assert segments(caption) == expected


@pytest.mark.parametrize(("caption", "expected"), TOLD_BACKWARDS.items())
def test_actions_are_put_in_order_of_time(caption, expected):
    assert segments(caption) == [f"A person {action}." for action in expected]


@pytest.mark.parametrize("caption", ONE_SEGMENT)
def test_simultaneous_actions_and_modifiers_stay_together(caption):
    assert segments(caption) == [caption[0].upper() + caption[1:] + "."]


def test_what_is_said_before_the_subject_stays_with_its_action():
    assert segments("with both arms out, a person spins and then stops") == [
        "A person spins with both arms out.",
        "A person stops.",
    ]
    assert segments("a person holding a cup turns left") == ["A person turns left while holding a cup."]


def test_a_describing_subject_is_kept_and_restated():
    assert segments("an old man limps forward and sits") == ["An old man limps forward.", "An old man sits."]


def test_segments_point_into_the_prompt():
    caption = "A person sits down after walking in a circle."
    walk, sit = RulesSegmenter().segment(caption).segments
    assert caption[walk.start : walk.end] == "walking in a circle"
    assert caption[sit.start : sit.end] == "A person sits down"


def test_the_answer_names_its_segmenter():
    answer = RulesSegmenter().segment("a person walks")
    assert (answer.segmenter, answer.notice, answer.caption) == ("rules", "", "a person walks")


@pytest.mark.parametrize("caption", ["", "   ", "\n", "...", " , "])
def test_an_empty_caption_is_refused(caption):
    with pytest.raises(InvalidRequestError, match="empty"):
        RulesSegmenter().segment(caption)


@pytest.mark.parametrize("caption", ["x", "and then", "then", "salsa", "走路", "3", "the", "before", "jumping jacks"])
def test_any_word_gives_a_segment(caption):
    found = segments(caption)
    assert found
    assert all(text.startswith("A person ") and text.endswith(".") for text in found)


@pytest.mark.parametrize(
    ("form", "base", "third"),
    [
        ("squatting", "squat", "squats"),
        ("lying", "lie", "lies"),
        ("knelt", "kneel", "kneels"),
        ("carried", "carry", "carries"),
        ("tiptoeing", "tiptoe", "tiptoes"),
        ("pushes", "push", "pushes"),
        ("waalks", "walk", "walks"),  # misspelt
        ("moonwalked", "moonwalk", "moonwalks"),
        ("grooving", "groove", "grooves"),
    ],
)
def test_verb_forms(form, base, third):
    assert guessed_verb_form(form).base == base
    assert third_person(base) == third


def test_directions_are_no_verbs():
    assert verb_form("back") is None
    assert verb_form("left") is None


def test_scores_on_the_development_set():
    if not (SHARED_TEXT / "dev.jsonl").is_file():
        pytest.skip("the caption set is not beside the repository")
    spec = importlib.util.spec_from_file_location("caption_score", SHARED_TEXT / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    gold = [json.loads(line) for line in (SHARED_TEXT / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    scores = score.score(gold, {item["id"]: segments(item["caption"]) for item in gold})
    assert scores["exact_decomposition_rate"] >= 0.9
    assert scores["order_accuracy"] >= 0.9
    assert scores["dropped_content_rate"] <= 0.01
    assert scores["standalone_form_rate"] == 1.0


INVERTED = {
    "a person {0} after {1}": "10",
    "before {1}, the man {0}": "01",
    "someone {0}, having {2}": "20",
    "the person {0} right after {1}": "10",
    "she {0} as soon as she {3}": "30",
    "someone {0} before {1} but after {4}": "401",
    "a man {0}. earlier he {3}.": "30",
    "the person {0} and, after {1}, {3}": "013",
}


@pytest.mark.parametrize(("pattern", "order"), INVERTED.items())
@pytest.mark.parametrize(
    "first", ["waves twice", "sits down on a chair", "turns to the left", "raises both arms slowly"]
)
def test_inverted_order_does_not_depend_on_the_actions(pattern, order, first):
    words = [first, "spinning around", "bowed deeply", "jumps over a box", "kneeling on one knee"]
    told = [first, "spins around", "bows deeply", "jumps over a box", "kneels on one knee"]
    assert segments(pattern.format(*words)) == [f"A person {told[int(k)]}." for k in order]


def test_quotation_marks_change_nothing():
    for opening, closing in (('"', '"'), ("“", "”"), ("«", "»")):
        caption = f"a person makes a {opening}T{closing} pose, then {opening}waves{closing} happily"
        segments = RulesSegmenter().segment(caption).segments
        assert [s.text for s in segments] == ["A person makes a T pose.", "A person waves happily."]
        assert caption[segments[1].start : segments[1].end] == f"waves{closing} happily"
