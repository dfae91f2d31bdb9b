import pytest

from core.store.project import Project
from core.store.runs import create_run, run_dir
from core.training.events import EpochDone, EpochScores, Notice, Preparing, StageStarted, StepDone
from core.training.run_log import RunLog, read_events

SCORES = EpochScores(0.5, 0.9, 0.8)


def step(epoch, number, loss=1.0):
    return StepDone(epoch, number, 2, loss, 0.001, 50.0)


def done(epoch, seconds=1.0):
    return EpochDone("whole", epoch, SCORES, SCORES, 0.001, 50.0, seconds, False)


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p") as project:
        create_run(project, "tiny", "{}")
        yield project


def write(project, *events):
    with RunLog(run_dir(project, 1)) as log:
        for event in events:
            log.write(event)


def test_a_run_that_has_not_begun_has_no_events(project):
    assert read_events(project, 1) == []


def test_events_come_back_in_order_without_the_preparations(project):
    events = [StageStarted("whole", 1, 2, 2), step(1, 1), step(1, 2), done(1), Notice("early_stop", {"patience": 2})]
    write(project, Preparing("Preparing images", 1, 2, None), *events)
    assert read_events(project, 1) == events


def test_a_log_can_be_read_while_it_is_written(project):
    with RunLog(run_dir(project, 1)) as log:
        log.write(step(1, 1))
        assert read_events(project, 1) == [step(1, 1)]


def test_a_torn_last_line_is_passed_over_and_the_next_line_is_whole(project):
    write(project, step(1, 1), step(1, 2))
    path = run_dir(project, 1) / "metrics.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    assert read_events(project, 1) == [step(1, 1)]
    write(project, done(1))
    assert read_events(project, 1) == [step(1, 1), done(1)]


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe\x00", b"[1, 2]", b'{"event": "unheard_of"}', b"{" * 50, b"null", b"\x00" * 9]
)
def test_lines_that_are_no_events_are_passed_over(project, junk):
    path = run_dir(project, 1) / "metrics.jsonl"
    path.write_bytes(junk + b"\n")
    write(project, step(1, 1))
    assert read_events(project, 1) == [step(1, 1)]


def test_what_a_resumed_run_did_again_counts_once(project):
    write(project, step(1, 1), done(1), step(2, 1, loss=0.7), step(2, 2, loss=0.6))
    write(project, step(2, 1, loss=0.5), step(2, 2, loss=0.4), done(2))
    assert read_events(project, 1) == [step(1, 1), done(1), step(2, 1, loss=0.5), step(2, 2, loss=0.4), done(2)]
