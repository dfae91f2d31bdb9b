from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.progress import Progress
from desktop_app.workers.task_runner import JobState, TaskRunner


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner(readers=2)
    yield runner
    runner.close()


def test_writes_happen_one_after_the_other_in_the_order_asked(qtbot: QtBot, tasks: TaskRunner) -> None:
    order: list[int] = []
    inside = threading.Lock()

    def write(number: int) -> int:
        assert inside.acquire(blocking=False)
        order.append(number)
        inside.release()
        return number

    delivered: list[int] = []
    for number in range(40):
        tasks.run("write", lambda _, n=number: write(n), done=delivered.append, writes=True)
    qtbot.waitUntil(lambda: len(delivered) == 40)
    assert order == delivered == list(range(40))


def test_a_result_arrives_on_the_gui_thread(qtbot: QtBot, tasks: TaskRunner) -> None:
    seen: list[tuple[str, str]] = []

    def work(_: Progress) -> str:
        return threading.current_thread().name

    tasks.run("read", work, done=lambda name: seen.append((name, threading.current_thread().name)))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0].startswith("coverslip-reader")
    assert seen[0][1] == threading.main_thread().name


def test_readers_run_while_the_writer_is_busy(qtbot: QtBot, tasks: TaskRunner) -> None:
    release = threading.Event()
    written: list[bool] = []
    tasks.run("write", lambda _: release.wait(20), done=written.append, writes=True)
    read: list[int] = []
    tasks.run("read", lambda _: 1, done=read.append)
    qtbot.waitUntil(lambda: read == [1])
    assert not written
    release.set()
    qtbot.waitUntil(lambda: written == [True])


def test_a_cancelled_job_stops_at_its_next_step_and_says_nothing(qtbot: QtBot, tasks: TaskRunner) -> None:
    def work(progress: Progress) -> None:
        for _ in progress.track(iter(int, 1), "for ever"):
            pass

    problems: list[object] = []
    tasks.user_error.connect(problems.append)
    tasks.bug.connect(problems.append)
    job = tasks.run("long", work, done=problems.append)
    qtbot.waitUntil(lambda: job.report is not None)
    with qtbot.waitSignal(job.ended):
        job.cancel()
    assert job.state is JobState.CANCELLED
    assert not problems
    assert job in tasks.recent


def test_a_job_cancelled_before_it_starts_never_runs(qtbot: QtBot, tasks: TaskRunner) -> None:
    release = threading.Event()
    ran: list[int] = []
    tasks.run("first", lambda _: release.wait(20), writes=True)
    job = tasks.run("second", lambda _: ran.append(1), writes=True)
    job.cancel()
    with qtbot.waitSignal(job.ended):
        release.set()
    assert job.state is JobState.CANCELLED
    assert not ran


def test_a_user_error_goes_to_the_message_bar_and_a_bug_to_the_report(qtbot: QtBot, tasks: TaskRunner) -> None:
    def users(_: Progress) -> None:
        raise UserError("nothing_to_undo")

    def ours(_: Progress) -> None:
        raise ZeroDivisionError("oops")

    with qtbot.waitSignal(tasks.user_error) as told:
        job = tasks.run("undo", users)
    assert told.args[0].code == "nothing_to_undo"
    assert job.state is JobState.FAILED
    assert job.summary == "There is nothing to undo."
    with qtbot.waitSignal(tasks.bug) as reported:
        tasks.run("divide", ours)
    assert isinstance(reported.args[0], ZeroDivisionError)


def test_who_handles_the_failure_gets_it_instead_of_the_message_bar(qtbot: QtBot, tasks: TaskRunner) -> None:
    def users(_: Progress) -> None:
        raise UserError("nothing_to_redo")

    shown: list[object] = []
    handled: list[Exception] = []
    tasks.user_error.connect(shown.append)
    tasks.run("redo", users, failed=handled.append)
    qtbot.waitUntil(lambda: bool(handled))
    assert not shown


def test_progress_reaches_the_job(qtbot: QtBot, tasks: TaskRunner) -> None:
    reports: list[tuple[int, int | None]] = []

    def work(progress: Progress) -> int:
        return sum(1 for _ in progress.track(range(5), "Counting"))

    done: list[int] = []
    job = tasks.run("count", work, done=done.append, summary=lambda n: f"{n} counted")
    job.progressed.connect(lambda report: reports.append((report.done, report.total)))
    with qtbot.waitSignal(job.ended):
        pass
    assert reports[-1] == (5, 5)
    assert done == [5]
    assert job.summary == "5 counted"


def test_closing_cancels_and_waits_and_delivers_nothing_more(qtbot: QtBot) -> None:
    tasks = TaskRunner(readers=2)
    started = threading.Event()

    def work(progress: Progress) -> None:
        progress.begin("for ever")
        started.set()
        while True:
            progress.advance()

    delivered: list[object] = []
    job = tasks.run("long", work, done=delivered.append)
    later = tasks.run("later", lambda _: 1, done=delivered.append, writes=True)
    assert started.wait(20)
    tasks.close()
    qtbot.wait(10)
    assert delivered == []
    assert job.has_ended
    assert later.has_ended
    assert tasks.run("after", lambda _: 1, done=delivered.append).state is JobState.CANCELLED


def test_what_waits_for_the_jobs_runs_after_them(qtbot: QtBot, tasks: TaskRunner) -> None:
    release = threading.Event()
    order: list[str] = []
    tasks.run("read", lambda _: release.wait(20) and order.append("read"))
    tasks.after_project_jobs("close", lambda: order.append("close"))
    qtbot.wait(20)
    assert order == []
    release.set()
    qtbot.waitUntil(lambda: order == ["read", "close"])


def test_what_waits_for_the_jobs_runs_at_closing_too(qtbot: QtBot) -> None:
    tasks = TaskRunner(readers=1)
    release, order = threading.Event(), []
    tasks.run("read", lambda _: release.wait(20))
    tasks.after_project_jobs("close", lambda: order.append("close"))
    release.set()
    tasks.close()
    assert order == ["close"]


def test_what_can_wait_begins_later_and_counts_as_a_job_meanwhile(qtbot: QtBot, tasks: TaskRunner) -> None:
    done: list[int] = []
    late = tasks.run("late", lambda _: 1, done=done.append, after_ms=60)
    tasks.run("at once", lambda _: 2, done=done.append)
    assert late in tasks.active
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == [2, 1]


def test_what_waits_for_its_moment_ends_at_once_when_the_project_closes(qtbot: QtBot, tasks: TaskRunner) -> None:
    begun: list[bool] = []
    late = tasks.run("late", lambda _: begun.append(True), after_ms=30)
    tasks.cancel_project_jobs()
    assert late.state is JobState.CANCELLED
    qtbot.wait(60)
    assert not begun
    tasks.run("never", lambda _: begun.append(True), after_ms=10)
    tasks.close()
    qtbot.wait(30)
    assert not begun
