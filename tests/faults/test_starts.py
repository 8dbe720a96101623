"""What runs once, when a house is set up, dies in the middle of it and is done again."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from driving import OWNER, TOKEN, Machine, Phone, demo, environment, factotum
from points import points
from storm import Control
from test_kills import LONG

from bot.supervisor import prepare


def plant(home: Path, control: Control) -> int:
    """Plants the example company; returns how the process ended."""
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "bot.seed"]
    env = environment(home, **control.env)
    return subprocess.run(command, env=env, cwd=home.parent, check=False, timeout=60).returncode


def test_planting_dies_anywhere(tmp_path: Path) -> None:
    control, home = Control(tmp_path / "control"), tmp_path / "home"
    mine = [point for point in points() if point.startswith("bot.seed:")]
    wanted = {
        "connectors.billing.ledger:Ledger.issue.write@before-commit": 2,
        "connectors.durable:create.sync_folder@after": 3,
        "connectors.billing.payments:Payments.pay.write@after-commit": 1,
    } | dict.fromkeys(mine, 1)
    assert mine
    died = 0
    for point, times in wanted.items() if LONG else list(wanted.items())[::3]:
        control.next(at={point: times})
        died += plant(home, control) == -9
    assert died >= 2  # a point that was passed in an earlier life is not met again
    control.next()
    assert plant(home, control) == 0
    with demo(home) as house:
        house.phone.ask("hello")
        assert len(house.invoices()) == 3
        for table, wanted_rows in (("client", 3), ("lead", 1), ("fact", 3), ("operator", 1)):
            assert house.rows(f"SELECT count(*) FROM {table}") == [(wanted_rows,)], table
        welcomes = [m for m in house.phone.messages() if m["text"].startswith("Welcome")]
        assert len(welcomes) == 1
    assert factotum("journal", "verify", home=home).returncode == 0


@contextmanager
def telegram(folder: Path) -> Iterator[Phone]:
    """A Bot API server of its own."""
    command = [sys.executable, "-m", "bot.sandbox", "--store", str(folder / "tg.db"), "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(folder),
        text=True,
    ) as process:
        assert process.stdout
        phone = Phone("http://" + process.stdout.readline().split("http://")[1].split("/")[0])
        try:
            yield phone
        finally:
            phone.http.close()
            process.terminate()


def test_pairing_dies_anywhere(tmp_path: Path) -> None:
    control, home = Control(tmp_path / "control"), tmp_path / "home"
    with telegram(tmp_path) as phone:
        env = {"TELEGRAM_BOT_TOKEN": TOKEN, "FACTOTUM_TELEGRAM_API_URL": phone.address}
        for moment in ("before", "after") if LONG else ("after",):
            control.next(at={f"bot.up:_invite.write@{moment}-commit": 1})
            dying = Machine(home, "up", **control.env | env)
            assert dying.process.wait(60) == -9
            assert "/start" not in dying.out
        control.next()
        machine = Machine(home, "up", **control.env | env)
        try:
            code = re.search(r"/start (\S+)", machine.printed("/start "))
            assert code
            machine.printed("Factotum runs")
            control.next(
                at={f"bot.desk:Desk.welcome.write@{m}-commit": 1 for m in ("before", "after")}
            )
            sent = phone.say(f"/start {code[1]}")
            phone.heard(sent, lambda m: "Paired" in m["text"])
            assert len(control.fired()) >= 3
            phone.ask("hello")
            assert machine.rows("SELECT user_id FROM operator") == [(OWNER,)]
            paired = [m for m in phone.messages() if m["text"].startswith("Paired")]
            assert len(paired) == 1
        finally:
            machine.kill_all()
    assert factotum("journal", "verify", home=home).returncode == 0


def test_a_demo_whose_planting_died_says_so(tmp_path: Path) -> None:
    control, home = Control(tmp_path / "control"), tmp_path / "home"
    control.next(at={"bot.seed:plant.write[1]@after-commit": 1})
    dying = Machine(
        home, *("demo", "--home", str(home), "--port", "0", "--no-browser"), **control.env
    )
    try:
        assert dying.process.wait(60) == 1
        assert len(dying.err.strip().splitlines()) == 1, dying.err
    finally:
        dying.kill_all()


def test_two_processes_that_start_at_once_find_the_folder_writable(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda _: prepare(tmp_path), range(2000)):
            pass
