"""`hotline up`: the whole system on this machine until Ctrl-C, on the data that is stored in the folder."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from hotline_embedded.process import ProcessEndedError
from hotline_embedded.provision import SERVICES
from hotline_embedded.service import StepError
from hotline_embedded.stack import Stack
from hotline_embedded.supervisor import AlreadyRunningError, ChildFailedError, interruptions_raise

DEFAULT_FOLDER = Path(".hotline")

folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="数据目录。Where data, logs, ports and passwords are kept.",
)

_TITLES = {
    "intake": "受理 calls and requests",
    "routing": "派遣 work orders and departments",
    "followup": "回访 revisits",
    "reporting": "考核 timelines and indicators",
}


@click.command()
@folder_option
@click.option("--quiet", is_flag=True, help="不显示日志。Do not show the logs; they are in the folder anyway.")
@click.option("--rule-pack", help="规则包。The rule pack of all services, such as san_francisco.")
def up(folder: Path, *, quiet: bool, rule_pack: str | None) -> None:
    """启动全部服务，按 Ctrl-C 停止。Start everything; Ctrl-C stops it."""
    environment = {"HOTLINE_RULE_PACK": rule_pack} if rule_pack else {}
    with running_stack(folder, logs=not quiet, environment=environment) as stack:
        print_urls(stack)
        wait_until_interrupted()


@contextmanager
def running_stack(
    folder: Path = DEFAULT_FOLDER,
    *,
    services: Sequence[str] = SERVICES,
    logs: bool = False,
    environment: Mapping[str, str] | None = None,
    postgres_settings: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Give the running system to the block and stop all of it afterwards.

    Ctrl-C ends the block quietly. A process that ends by itself ends the block too, then the command with status 1 and
    the end of that process's log. `logs` shows the output of all processes as it comes; `environment` is given to every
    service beside what it gets anyway, `postgres_settings` to Postgres.
    """
    stack = Stack(
        folder,
        services=services,
        extra_env=environment,
        postgres_settings=postgres_settings,
        say=click.echo if logs else None,
    )
    try:
        with interruptions_raise():
            _start(stack)
            with _ended_by_a_failure(stack), suppress(KeyboardInterrupt):
                yield stack
    finally:
        stack.stop()


def wait_until_interrupted() -> None:
    """Stay until Ctrl-C or until a process fails: inside `running_stack`."""
    click.echo("按 Ctrl-C 停止。Press Ctrl-C to stop.")
    threading.Event().wait()


def _start(stack: Stack) -> None:
    try:
        with Console().status("启动中 … starting"):
            stack.start()
    except (AlreadyRunningError, ProcessEndedError, StepError, TimeoutError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _ended_by_a_failure(stack: Stack) -> Iterator[None]:
    """Watch the processes beside the block; a failure interrupts it and explains whatever it ended with."""
    over = threading.Event()
    failures: list[ChildFailedError] = []
    main_thread = threading.get_ident()

    def watch() -> None:
        try:
            stack.supervisor.watch(over)
        except ChildFailedError as failure:
            failures.append(failure)
            signal.pthread_kill(main_thread, signal.SIGINT)

    watcher = threading.Thread(target=watch, name="watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        if failures:
            raise click.ClickException(str(failures[0]))


def print_urls(stack: Stack) -> None:
    table = Table(title="地址 Addresses", show_edge=False, pad_edge=False)
    table.add_column("服务 Service")
    table.add_column("接口文档 API and its documentation")
    for service in stack.services:
        table.add_row(f"{service}  {_TITLES.get(service, '')}", f"{stack.url(service)}/docs")
    table.add_row("issuer  开发用登录 development sign-in", stack.issuer_url)
    table.add_row("nats", stack.nats.url)
    table.add_row("postgres", f"127.0.0.1:{stack.postgres.port}")
    table.add_row("日志 logs", str(stack.logs))
    Console().print(table)
