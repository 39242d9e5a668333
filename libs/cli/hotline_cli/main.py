"""`hotline`: a command whose subcommands are modules of this package, each loaded only when it is asked for."""

import importlib
import importlib.util

import click

# The name people type, the module it lives in and the attribute of the click command.
_COMMANDS = ("up", "demo", "replay", "compare", "clock", "events", "rebuild", "token", "docs")


class LazyGroup(click.Group):
    """Lists the subcommands whose modules are installed, and imports one only to run it or to describe it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [name for name in _COMMANDS if importlib.util.find_spec(_module(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(importlib.import_module(_module(cmd_name)), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{_module(cmd_name)}.{cmd_name} is not a click command")
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotline-cli")
def main() -> None:
    """政务服务热线：启动系统、回放样本、查看事件。The service hotline: run it, replay a sample, look at its events."""


def _module(name: str) -> str:
    return f"hotline_cli.{name}"


if __name__ == "__main__":
    main()
