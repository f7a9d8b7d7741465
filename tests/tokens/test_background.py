"""Work in the background comes to its end, whichever way those who wait for it are cancelled."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tiktok_shop_async import CredentialsError
from tiktok_shop_async.background import Background, Job

pytestmark = pytest.mark.anyio


class Work:
    def __init__(self, error: Exception | None = None) -> None:
        self.begun = anyio.Event()
        self.may_end = anyio.Event()
        self.done = False
        self._error = error

    async def __call__(self) -> int:
        self.begun.set()
        await self.may_end.wait()
        if self._error is not None:
            raise self._error
        self.done = True
        return 7


async def test_all_who_wait_get_what_the_work_gives() -> None:
    work = Work()
    job = Background().begin(work)
    got: list[int] = []

    async def wait() -> None:
        got.append(await job.wait())

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(wait)
        await work.begun.wait()
        work.may_end.set()
    assert got == [7, 7, 7]


async def test_each_who_waits_gets_an_error_of_its_own() -> None:
    work = Work(CredentialsError("none"))
    work.may_end.set()
    job = Background().begin(work)
    errors: list[CredentialsError] = []
    for _ in range(2):
        with pytest.raises(CredentialsError, match="none") as caught:
            await job.wait()
        errors.append(caught.value)
    assert errors[0] is not errors[1]


async def test_a_bug_is_logged_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody may be there to see it."""
    work = Work(ZeroDivisionError("a bug"))
    work.may_end.set()
    with pytest.raises(ZeroDivisionError):
        await Background().begin(work).wait()
    assert "work in the background failed" in caplog.text


async def test_who_is_cancelled_leaves_at_once_and_the_work_goes_on() -> None:
    work, background = Work(), Background()
    job = background.begin(work)
    with anyio.move_on_after(0.01) as scope:
        await job.wait()
    assert scope.cancelled_caught
    assert not work.done
    work.may_end.set()
    await background.settle()
    assert work.done


async def test_settling_waits_for_work_that_other_work_began() -> None:
    background, second = Background(), Work()

    async def first() -> None:
        background.begin(second)

    background.begin(first)
    second.may_end.set()
    await background.settle()
    assert second.done


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_nothing_is_left_when_the_work_has_ended() -> None:
    before = asyncio.all_tasks()
    background = Background()
    work = Work()
    background.begin(work)
    work.may_end.set()
    await background.settle()
    for _ in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


PROGRAM = """
import asyncio, sys
import anyio
from tiktok_shop_async.background import Background, Job

async def work():
    print("begun", flush=True)
    await anyio.sleep(0.3)
    await anyio.to_thread.run_sync(lambda: None)
    print("done", flush=True)

async def main():
    job = Background().begin(work)
    await anyio.sleep(0.05)
    {ending}

{run}
"""


@pytest.mark.parametrize("run", ["asyncio.run(main())", "anyio.run(main, backend='trio')"])
@pytest.mark.parametrize("ending", ["return", "await job.wait()", "raise SystemExit(0)"])
def test_a_program_that_ends_lets_the_work_end_first(run: str, ending: str) -> None:
    assert _output(PROGRAM.format(run=run, ending=ending)) == "begun\ndone\n"


@pytest.mark.parametrize("run", ["asyncio.run(main())", "anyio.run(main, backend='trio')"])
def test_a_program_that_is_interrupted_lets_the_work_end_first(run: str) -> None:
    assert _output(PROGRAM.format(run=run, ending="await anyio.sleep(60)"), interrupt=True) == "begun\ndone\n"


def _output(program: str, *, interrupt: bool = False) -> str:
    """What a process of its own prints."""
    command = [sys.executable, "-W", "error", "-c", program]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        first = process.stdout.readline()
        if interrupt:
            process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    assert "never awaited" not in errors
    assert "destroyed" not in errors
    return first + rest


def test_a_job_of_a_loop_that_is_gone_is_not_waited_for() -> None:
    background = Background()
    began: list[Job[int]] = []

    async def begin() -> None:
        began.append(background.begin(Work()))
        await asyncio.sleep(0)

    async def settle() -> bool:
        with anyio.fail_after(5):
            await background.settle()
        return began[0].is_under_way

    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin())
    for tasks in background._tasks._held.values():
        for task in (*tasks.hidden, tasks.keeper):
            task._log_destroy_pending = False  # type: ignore[union-attr]
    loop.close()
    assert asyncio.run(settle()) is False
