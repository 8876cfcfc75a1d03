"""What each event makes of a watch session: no file, no process, no clock."""

from dataclasses import replace

import pytest

from nanolab import progress as learner
from nanolab.progress import Progress
from nanolab.session import Confirm, Panel, Session, at_page, offered, open_at, step
from nanolab.session.events import (
    Answered,
    Ask,
    CancelRun,
    Checked,
    Edit,
    Ended,
    Interrupted,
    Judged,
    Key,
    Learned,
    Missing,
    Quit,
    Record,
    Redraw,
    Reset,
    Resized,
    Restored,
    Saved,
    StartRun,
    Ticked,
    Undo,
    Warned,
)
from nanolab.verdict import Check, Outcome, Verdict

NOW = "2026-11-21T10:00:00Z"


@pytest.fixture
def course(mini):
    return mini


@pytest.fixture
def exercises(course):
    """`double` and `total` of the first stage, `shout` of the second."""
    return course.exercises


@pytest.fixture
def session(course, exercises):
    """At the first exercise, the welcome read, nothing judged."""
    return Session(
        course,
        Progress(current=exercises[0].id, welcomed=True),
        current=exercises[0],
        shown=exercises[0],
        asking=frozenset({"01_numbers"}),
    )


def verdict(exercise, outcome=Outcome.PASSED, sha256="aa"):
    return Verdict(exercise.id, "exercises", outcome, total=exercise.checks, sha256=sha256)


def play(session, *events):
    """The session after all events, and the effects of the last one."""
    effects = ()
    for event in events:
        session, effects = step(session, event)
    return session, effects


def judge(session, exercise, outcome=Outcome.PASSED):
    """A save of an exercise, and its verdict."""
    session, _ = step(session, Saved(exercise, "aa"))
    return step(session, Judged(session.runs, verdict(exercise, outcome), "aa", NOW))


def press(session, *keys):
    return play(session, *map(Key, keys))


def keys_of(session):
    return [action.keys[0] for action in offered(session)]


# Saves and runs.


def test_watching_begins_with_a_run_of_the_current_exercise(session, exercises):
    session, effects = open_at(session)

    assert effects == (StartRun(1, exercises[0]),)


def test_a_save_starts_a_run(session, exercises):
    session, effects = step(session, Saved(exercises[0], "aa"))

    assert effects == (StartRun(1, exercises[0]),)
    assert session.running.exercise == exercises[0]


def test_a_save_during_a_run_starts_anew_and_the_old_verdict_is_ignored(session, exercises):
    session, effects = play(session, Saved(exercises[0], "aa"), Saved(exercises[0], "bb"))
    assert effects == (StartRun(2, exercises[0]),)

    late, effects = step(session, Judged(1, verdict(exercises[0]), "bb", NOW))

    assert (late, effects) == (session, ())


def test_a_verdict_is_shown_counted_and_recorded(session, exercises):
    session, effects = judge(session, exercises[0])

    assert session.passed
    assert learner.entry(session.progress, exercises[0]).first_passed == NOW
    assert effects == (Record(exercises[0], session.verdict),)


def test_checks_come_in_one_by_one_and_those_of_an_old_run_do_not(session, exercises):
    check = Check("test_a", "a", Outcome.PASSED)
    session, _ = play(session, Saved(exercises[0], "aa"), Checked(1, check), Checked(7, check))

    assert session.running.checks == (check,)


def test_a_file_that_changed_during_its_run_runs_again(session, exercises):
    session, _ = step(session, Saved(exercises[0], "aa"))

    session, effects = step(session, Judged(1, verdict(exercises[0]), "bb", NOW))

    assert effects == (StartRun(2, exercises[0]),)
    assert session.verdict is None


def test_a_file_that_changes_in_every_run_is_judged_in_the_end(session, exercises):
    session, _ = step(session, Saved(exercises[0], "aa"))
    for run, content in enumerate("bcde", start=1):
        session, effects = step(session, Judged(run, verdict(exercises[0]), content, NOW))

    assert effects == (Record(exercises[0], session.verdict),)
    assert "changed since" in session.notice


def test_a_verdict_without_a_hash_is_compared_by_the_hash_of_the_save(session, exercises):
    session, _ = step(session, Saved(exercises[0], "aa"))
    crashed = verdict(exercises[0], Outcome.CRASHED, sha256="")

    assert step(session, Judged(1, crashed, "bb", NOW))[1] == (StartRun(2, exercises[0]),)
    assert step(session, Judged(1, crashed, "aa", NOW))[0].verdict == crashed


def test_an_interrupted_exercise_is_judged_after_the_one_that_came_between(session, exercises):
    double, total, _ = exercises
    session, _ = play(session, Saved(double, "aa"), Saved(total, "bb"))

    session, effects = step(session, Judged(2, verdict(total, sha256="bb"), "bb", NOW))

    assert StartRun(3, double) in effects
    assert session.waiting == ()


def test_a_save_of_another_exercise_is_shown_with_a_way_to_switch_and_back(session, exercises):
    session, _ = judge(session, exercises[1])

    assert session.visiting
    assert session.current == exercises[0]
    assert keys_of(session)[:2] == ["s", "b"]
    assert press(session, "b")[0].shown == exercises[0]
    switched, effects = press(session, "s")
    assert switched.current == exercises[1]
    assert switched.progress.current == exercises[1].id
    assert effects == (StartRun(2, exercises[1]),)


def test_a_passed_exercise_that_breaks_is_said_so(session, exercises):
    session, _ = judge(session, exercises[0])

    session, _ = judge(session, exercises[0], Outcome.FAILED)

    assert session.notice == "double passed before; now it does not."


def test_with_manual_only_the_key_runs(session, exercises):
    session = replace(session, manual=True)

    assert open_at(session)[1] == ()
    saved, effects = step(session, Saved(exercises[0], "aa"))
    assert effects == ()
    assert "r runs it" in saved.notice
    assert press(saved, "r")[1] == (StartRun(1, exercises[0]),)


def test_with_auto_a_pass_moves_on_by_itself(session, exercises):
    session, effects = judge(replace(session, auto=True), exercises[0])

    assert session.current == exercises[1]
    assert effects[-1] == StartRun(2, exercises[1])
    assert isinstance(effects[0], Record)


def test_the_seconds_of_a_run_are_counted_and_of_none_are_not(session, exercises):
    assert step(session, Ticked(3)) == (session, ())

    session, _ = play(session, Saved(exercises[0], "aa"), Ticked(3))

    assert session.running.seconds == 3


def test_a_file_that_is_gone_is_named_with_its_cure(session, exercises):
    session, _ = step(session, Missing(exercises[0]))

    assert "exercises/01_numbers/double.py is missing" in session.notice
    assert "nanolab reset double" in session.notice


# Ctrl-C and the system.


def test_ctrl_c_stops_a_run_first_and_then_the_watch(session, exercises):
    session, effects = play(session, Saved(exercises[0], "aa"), Interrupted())
    assert effects == (CancelRun(),)

    assert step(session, Interrupted())[1] == (CancelRun(), Quit(130))
    stopped, _ = step(session, Judged(1, verdict(exercises[0], Outcome.CANCELLED), "aa", NOW))
    assert stopped.running is None
    assert stopped.verdict is None
    assert step(stopped, Interrupted())[1] == (Quit(130),)


def test_where_there_is_no_keyboard_ctrl_c_ends_the_watch_during_a_run_too(session, exercises):
    session, _ = step(replace(session, keyboard=False), Saved(exercises[0], "aa"))

    assert step(session, Interrupted())[1] == (CancelRun(), Quit(130))


def test_a_signal_ends_the_watch_with_its_code(session):
    assert step(session, Ended(143))[1] == (Quit(143),)


def test_a_resized_terminal_is_drawn_anew(session):
    assert step(session, Resized())[1] == (Redraw(),)


def test_a_warning_is_shown(session):
    assert step(session, Warned("careful"))[0].notice == "careful"


# Keys: what is offered, and that nothing else does anything.


def test_before_a_verdict_there_is_no_next_and_no_output(session):
    assert keys_of(session) == ["h", "d", "t", "l", "r", "x", "?", "q"]


def test_after_a_failure_there_is_a_hint(session, exercises):
    session, _ = judge(session, exercises[0], Outcome.FAILED)

    assert keys_of(session) == ["h", "d", "t", "l", "r", "x", "?", "q"]


def test_after_a_pass_there_is_next_and_no_hint(session, exercises):
    session, _ = judge(session, exercises[0])

    assert keys_of(session) == ["n", "d", "t", "l", "r", "x", "?", "q"]


def test_o_is_offered_for_output_and_for_a_verdict_that_the_screen_cuts(session, exercises):
    session, _ = judge(session, exercises[0])
    printed = replace(session.verdict, output="hello\n")

    assert "o" in keys_of(replace(session, cut=True))
    assert "o" in keys_of(replace(session, verdicts={exercises[0].id: printed}))


def test_during_a_run_everything_but_run_and_next_works(session, exercises):
    session, _ = judge(session, exercises[0])
    session, _ = step(session, Saved(exercises[0], "bb"))

    assert keys_of(session) == ["d", "t", "l", "x", "?", "q"]


def test_the_editor_and_undo_are_offered_when_there_is_one(session):
    assert {"e", "u"} <= set(keys_of(replace(session, editor=True, undo="reset double")))


def test_a_watch_that_only_looks_offers_nothing_that_writes(session):
    session = replace(session, read_only=True, undo="reset double")

    assert not {"x", "u"} & set(keys_of(session))


@pytest.mark.parametrize("key", ["n", "s", "b", "e", "u", "o", "y", "z", "up", " ", "\n", "ü"])
def test_a_key_that_is_not_offered_does_nothing(session, key):
    assert step(session, Key(key)) == (session, ())


@pytest.mark.parametrize(
    ("key", "panel"),
    [("t", Panel.LESSON), ("l", Panel.LIST), ("?", Panel.HELP)],
)
def test_a_panel_opens_and_closes(session, key, panel):
    opened, effects = press(session, key)

    assert (opened.panel, effects) == (panel, ())
    assert press(opened, "q") == (session, ())
    assert press(opened, "esc") == (session, ())


def test_a_panel_has_pages_and_no_key_leads_beyond_them(session):
    session = at_page(press(session, "t")[0], 2)
    assert keys_of(session) == [" ", "q"]

    last, _ = press(session, " ")

    assert last.page == 1
    assert keys_of(last) == ["b", "q"]
    assert press(last, " ", "up")[0].page == 0


def test_a_page_that_no_longer_exists_becomes_the_last(session):
    session, _ = press(at_page(press(session, "t")[0], 9), " ", " ")

    assert at_page(session, 2).page == 1


def test_a_save_closes_whatever_covers_the_verdict(session, exercises):
    for key in "tl?xd":
        covered, _ = press(session, key)
        seen, _ = step(covered, Saved(exercises[0], "aa"))
        assert (seen.panel, seen.confirm) == (None, None)


def test_the_welcome_is_shown_once(session):
    new, effects = open_at(replace(session, progress=Progress()))
    assert (new.panel, len(effects)) == (Panel.WELCOME, 1)

    seen, _ = press(new, "q")

    assert seen.panel is None
    assert seen.progress.welcomed
    assert open_at(seen)[0].panel is None


@pytest.mark.parametrize("event", [*map(Key, (" ", "\n", "q", "esc", "n")), "a save"])
def test_any_key_and_any_save_closes_the_welcome(session, exercises, event):
    new, _ = open_at(replace(session, progress=Progress()))

    seen, effects = step(new, Saved(exercises[0], "aa") if event == "a save" else event)

    assert seen.panel is None
    assert seen.progress.welcomed
    assert Quit(0) not in effects


def test_a_welcome_of_two_pages_is_read_with_space(session):
    new = at_page(open_at(replace(session, progress=Progress()))[0], 2)
    assert keys_of(new) == [" ", "any key"]

    last, _ = press(new, " ")

    assert (last.panel, last.page) == (Panel.WELCOME, 1)
    assert press(last, " ")[0].panel is None


def test_without_a_screen_nothing_is_covered_and_few_keys_remain(session, exercises):
    plain, _ = open_at(replace(session, plain=True, progress=Progress()))
    assert plain.panel is None

    judged, _ = judge(plain, exercises[0])

    assert keys_of(plain) == ["h", "q"]
    assert keys_of(judged) == ["n", "r", "q"]


def test_hints_say_more_each_time_and_the_last_asks_first(session, exercises):
    session, _ = press(session, "h", "h")
    assert session.hint == 2
    assert learner.entry(session.progress, exercises[0]).hints_used == 2

    asked, _ = press(session, "h")

    assert (asked.hint, asked.confirm) == (2, Confirm.HINT)
    assert keys_of(asked) == ["y", "n"]
    assert press(asked, "n")[0] == session
    told, _ = press(asked, "y")
    assert told.hint == 3
    assert "h" not in keys_of(told)


def test_the_last_hint_does_not_ask_again_once_it_was_seen(session, exercises):
    session = replace(session, progress=learner.with_hint(session.progress, exercises[0], 3))

    assert press(session, "h", "h", "h")[0].hint == 3


def test_before_a_pass_the_diff_asks_and_is_remembered(session, exercises):
    asked, _ = press(session, "d")
    assert asked.confirm is Confirm.DIFF

    seen, _ = press(asked, "y")

    assert seen.panel is Panel.DIFF
    assert learner.entry(seen.progress, exercises[0]).solution_seen
    assert press(press(seen, "q")[0], "d")[0].panel is Panel.DIFF


def test_after_a_pass_the_diff_opens_at_once(session, exercises):
    session, _ = judge(session, exercises[0])

    assert press(session, "d")[0].panel is Panel.DIFF


def test_reset_asks_and_anything_but_yes_is_no(session, exercises):
    asked, effects = press(session, "x")
    assert (asked.confirm, effects) == (Confirm.RESET, ())

    assert press(asked, "q") == (session, ())
    assert press(asked, "y") == (session, (Reset(exercises[0]),))


def test_a_reset_takes_the_pass_back_and_offers_undo(session, exercises):
    session, _ = judge(session, exercises[0])

    done = Restored("double is as shipped.", ((exercises[0], "cc"),), undo="reset double")
    session, _ = step(session, done)

    assert not learner.entry(session.progress, exercises[0]).passed
    assert press(session, "u")[1] == (Undo(),)
    saved, _ = step(session, Saved(exercises[0], "cc"))
    assert saved.notice == "double is as shipped."


def test_undo_brings_the_pass_back_with_the_file(session, exercises):
    session, _ = judge(session, exercises[0])
    session, _ = step(session, Restored("reset", ((exercises[0], "cc"),), undo="reset double"))

    session, _ = step(session, Restored("undone", ((exercises[0], "aa"),)))

    assert learner.entry(session.progress, exercises[0]).passed
    assert "u" not in keys_of(session)


def test_the_editor_opens_what_is_shown(session, exercises):
    session, _ = judge(replace(session, editor=True), exercises[1])

    assert press(session, "e")[1] == (Edit(exercises[1]),)


def test_quitting_ends_a_run_too(session, exercises):
    assert press(session, "q")[1] == (Quit(0),)

    session, _ = step(session, Saved(exercises[0], "aa"))

    assert press(session, "q")[1] == (CancelRun(), Quit(0))


# Moving on.


@pytest.fixture
def stage_passed(session, exercises):
    """The first stage passed, its questions open."""
    session, _ = judge(session, exercises[0])
    session, _ = press(session, "n")
    session, _ = judge(session, exercises[1])
    return session


def test_next_goes_to_the_next_exercise_and_judges_it(session, exercises):
    session, _ = judge(session, exercises[0])

    session, effects = press(session, "n")

    assert session.current == session.shown == exercises[1]
    assert effects == (StartRun(2, exercises[1]),)


def test_at_the_end_of_a_stage_its_questions_come_first(course, stage_passed):
    session, effects = press(stage_passed, "n")
    assert (session.panel, effects) == (Panel.QUESTIONS, ())
    assert keys_of(session) == ["n", "t", "q"]

    assert press(session, "n")[1] == (Ask(course.stages[0]),)


@pytest.mark.parametrize("skipped", [False, True])
def test_answered_or_skipped_questions_open_the_next_stage(
    course, exercises, stage_passed, skipped
):
    session, _ = press(stage_passed, "n")

    session, effects = step(session, Answered(course.stages[0], skipped))

    assert session.panel is None
    assert session.current == exercises[2]
    assert effects == (StartRun(4, exercises[2]),)
    assert session.progress.reflections["01_numbers"] == ("skipped" if skipped else "answered")


def test_questions_that_are_closed_unanswered_stay_due(stage_passed):
    session, _ = press(stage_passed, "n", "q")

    assert keys_of(session)[0] == "n"
    assert press(session, "n")[0].panel is Panel.QUESTIONS


def test_a_stage_without_questions_opens_the_next_at_once(stage_passed, exercises):
    session, _ = press(replace(stage_passed, asking=frozenset()), "n")

    assert session.current == exercises[2]


def test_after_the_last_exercise_comes_the_end(course, exercises, stage_passed):
    session, _ = step(press(stage_passed, "n")[0], Answered(course.stages[0], skipped=True))
    session, _ = judge(session, exercises[2])

    session, effects = press(session, "n")

    assert (session.panel, effects) == (Panel.FINAL, ())


# Another nanolab process.


def test_goto_in_another_terminal_moves_the_watch(session, exercises):
    elsewhere = learner.with_current(session.progress, exercises[1])

    session, effects = step(session, Learned(elsewhere))

    assert session.current == exercises[1]
    assert effects == (StartRun(1, exercises[1]),)


def test_a_hint_seen_in_another_terminal_moves_nothing(session, exercises):
    elsewhere = learner.with_hint(session.progress, exercises[0], 1)

    moved, effects = step(session, Learned(elsewhere))

    assert (moved, effects) == (replace(session, progress=elsewhere), ())


def test_reflect_in_another_terminal_opens_the_next_stage(course, exercises, stage_passed):
    session, _ = press(stage_passed, "n")
    elsewhere = learner.with_reflection(session.progress, course.stages[0])

    session, _ = step(session, Learned(elsewhere))

    assert session.current == exercises[2]
