"""The command line. Each command imports what it needs: starting has to be quick."""

import asyncio
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.loading import loading
from core.errors import FactotumError
from core.settings import Settings

app = typer.Typer(
    name="factotum",
    help="The operating system of a one-person company, lived in through one Telegram chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
journal = typer.Typer(help="The append-only record of every state change.", no_args_is_help=True)
bench = typer.Typer(help="Benchmarks; each prints JSON.", no_args_is_help=True)
evaluate = typer.Typer(help="Measures against a set of cases.", no_args_is_help=True)
memory = typer.Typer(help="What is kept: facts, episodes, summaries.", no_args_is_help=True)
app.add_typer(journal, name="journal")
app.add_typer(memory, name="memory")
app.add_typer(bench, name="bench")
app.add_typer(evaluate, name="eval")

Home = Annotated[
    Path | None, typer.Option("--home", help="The data folder.", envvar="FACTOTUM_HOME")
]


def _settings(home: Path | None = None) -> Settings:
    from pydantic import ValidationError

    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise FactotumError(
            f"A setting is wrong{f' ({name})' if name else ''}: {reason}."
        ) from None
    if home is not None:
        settings.home = home.expanduser()
    settings.home = settings.home.expanduser().resolve()
    return settings


def _log(settings: Settings, process: str) -> None:
    from bot.logs import configure

    secrets = [
        secret.get_secret_value()
        for secret in (
            settings.telegram_bot_token,
            settings.redis_url,
            settings.smtp_password,
            settings.webhook_secret,
        )
        if secret
    ]
    configure(settings.log_level, process=process, secrets=secrets)


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@app.command()
def demo(
    home: Home = None,
    port: Annotated[int, typer.Option(help="The phone's port; 0 finds a free one.")] = 8100,
    browser: Annotated[bool, typer.Option(help="Open the phone in the browser.")] = True,
) -> None:
    """Try everything on this machine: no token, no key, nothing leaves it."""
    from platformdirs import user_data_path

    from bot.demo import demo as run

    settings = _settings(home or Path(user_data_path("factotum-demo")))
    settings.log_level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    _log(settings, "demo")
    _run(run(settings, port=port, browser=browser))


@app.command()
def up(home: Home = None) -> None:
    """Run against Telegram, with TELEGRAM_BOT_TOKEN."""
    settings = _settings(home)

    from bot.up import up as run

    _log(settings, "up")
    _run(run(settings))


@app.command()
def bot(home: Home = None) -> None:
    """Run the bot process alone."""
    with loading():
        from bot.serving import serve
        from core.storage.migrate import migrate

    settings = _settings(home)
    _log(settings, "bot")
    with _fatal(settings, "bot"):
        migrate(_made(settings).database_path)
        _run(serve(settings))


@app.command()
def worker(home: Home = None) -> None:
    """Run the worker process alone."""
    with loading():
        from bot.working import work
        from core.storage.migrate import migrate

    settings = _settings(home)
    _log(settings, "worker")
    with _fatal(settings, "worker"):
        migrate(_made(settings).database_path)
        _run(work(settings))


@app.command()
def doctor(home: Home = None) -> None:
    """Check every part; say what is wrong and how to mend it."""
    from bot.doctor import examine

    settings = _settings(home)
    settings.log_level = "ERROR"
    _log(settings, "doctor")
    raise typer.Exit(asyncio.run(examine(settings)))


@app.command()
def pair(home: Home = None) -> None:
    """Print a new one-time code for /start."""
    from bot.pair import offer

    _run(offer(_settings(home)))


@journal.command("verify")
def verify(
    home: Home = None,
    anchor: Annotated[
        str | None,
        typer.Option(help="A head noted earlier, <seq>-<hash>: the journal must contain it."),
    ] = None,
) -> None:
    """Check the hash chain; names the first broken entry."""
    from bot.journaling import verify as run

    raise typer.Exit(asyncio.run(run(_settings(home), anchor)))


class Format(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"


@journal.command("export")
def export(
    home: Home = None,
    form: Annotated[
        Format, typer.Option("--format", help="JSON Lines, or CSV with JSON in its data column.")
    ] = Format.JSONL,
    out: Annotated[Path | None, typer.Option(help="The file; else the standard output.")] = None,
) -> None:
    """Write every entry with its hashes, for somebody else to check."""
    from bot.journaling import export as run

    _run(run(_settings(home), form=form.value, out=out))


@journal.command("replay")
def replay(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run's id, run_….")],
    home: Home = None,
) -> None:
    """Tell what happened in a run, from the journal alone."""
    from bot.journaling import replay as run

    _run(run(_settings(home), run_id))


@memory.command("export")
def memory_export(
    home: Home = None,
    out: Annotated[Path | None, typer.Option(help="The file; else the standard output.")] = None,
) -> None:
    """Write all of memory as JSON Lines."""
    from bot.transferring import export as run

    _run(run(_settings(home), out=out))


@memory.command("import")
def memory_import(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote.")],
    home: Home = None,
) -> None:
    """Add what an export holds; what is here already stays as it is."""
    from bot.transferring import read as run

    _run(run(_settings(home), source=source))


@bench.command("chat")
def bench_chat(
    messages: Annotated[int, typer.Option(help="Messages to send.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Message to answer, tap to effect, start, memory and idle CPU, through the sandbox."""
    from bot.bench.chat import chat

    _run(chat(messages=messages, as_json=as_json))


@bench.command("kernel")
def bench_kernel(
    rounds: Annotated[int, typer.Option(help="Turns of each engine; 0 leaves them out.")] = 5,
    steps: Annotated[int, typer.Option(help="Steps of a serial run.")] = 50,
    kills: Annotated[int, typer.Option(help="Killed workers; 0 leaves that out.")] = 20,
    wakes: Annotated[int, typer.Option(help="Announced steps; 0 leaves that out.")] = 300,
    folder: Annotated[
        Path | None, typer.Option(help="Where the databases are made, on the disk to measure.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Durable steps a second beside LangGraph and DBOS; recovery and wake-ups beside arq."""
    from bot.bench.kernel import Size, kernel

    size = Size(rounds=rounds, steps=steps, kills=kills, wakes=wakes)
    _run(kernel(size, folder=folder, as_json=as_json))


@evaluate.command("planner")
def eval_planner(
    data: Annotated[Path, typer.Option(help="Cases, one JSON object a line.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option(help="Print every miss.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write what was understood.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A small model to ask, provider:name, as the settings do.")
    ] = None,
) -> None:
    """How well messages are understood: by the built-in model, or with another's help."""
    from bot.evaluating.planner import evaluate as run

    settings = _settings()
    _log(settings, "eval")
    run(data, settings, model=model, as_json=as_json, verbose=verbose, out=out)


@evaluate.command("roles")
def eval_roles(
    role: Annotated[
        list[str] | None, typer.Option(help="Only the cases of this role; may be repeated.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model to think with, provider:name, as the settings do.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How each role does on its cases: by its own rules, or on a model."""
    from bot.evaluating.roles import evaluate as run

    settings = _settings()
    _log(settings, "eval")
    passed = asyncio.run(run(settings, names=role or [], model=model, as_json=as_json))
    raise typer.Exit(0 if passed else 1)


class IndexKind(StrEnum):
    """Which index is measured."""

    EMBEDDED = "embedded"
    WEAVIATE = "weaviate"
    FTS = "fts"


@evaluate.command("recall")
def eval_recall(
    data: Annotated[Path, typer.Option(help="Conversations with questions and their evidence.")],
    index: Annotated[
        IndexKind, typer.Option(help="fts: keywords alone; weaviate: the one at WEAVIATE_URL.")
    ] = IndexKind.EMBEDDED,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option(help="Print every miss.")] = False,
) -> None:
    """How much of the evidence is among the first found: turn-level recall at 5, 10 and 20."""
    from bot.evaluating.recall import evaluate as run

    _run(run(data, index=index.value, as_json=as_json, verbose=verbose))


@evaluate.command("safety")
def eval_safety(
    suite: Annotated[str | None, typer.Option(help="One of AgentDojo's suites alone.")] = None,
    sample: Annotated[
        int | None, typer.Option(help="Tasks and injections of each suite; else all.", min=1)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[bool, typer.Option(help="Print each suite when it is done.")] = False,
) -> None:
    """What a compromised model gets done: AgentDojo's suites, and attacks of our own."""
    from bot.evaluating.safety import evaluate as run

    settings = _settings()
    settings.log_level = "ERROR"
    _log(settings, "eval")
    _run(run(as_json=as_json, verbose=verbose, sample=sample, only=suite))


@bench.command("memory")
def bench_memory(
    items: Annotated[int, typer.Option(help="The largest size.")] = 100_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The embedded index from 1,000 items up: build, recall, lag, memory, disk."""
    from bot.bench.memory import memory

    _run(memory(items, as_json=as_json))


def _made(settings: Settings) -> Settings:
    from bot.supervisor import prepare

    prepare(settings.home)
    return settings


class _fatal:
    """Leaves the reason where a supervisor finds it, and ends with the code it knows."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._path = settings.home / "logs" / f"{name}.error"

    def __enter__(self) -> None:
        self._path.unlink(missing_ok=True)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from bot.supervisor import FATAL

        if isinstance(error, FactotumError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(error.sentence())
            sys.stderr.write(error.sentence() + "\n")
            raise SystemExit(FATAL) from None


def main() -> None:
    """The entry point: errors are sentences, never tracebacks."""
    try:
        app()
    except FactotumError as error:
        sys.stderr.write(error.sentence() + "\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
