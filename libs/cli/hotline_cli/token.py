"""`hotline token USER`: a token of a demo user, for curl and for the API's documentation pages."""

from pathlib import Path

import click
import httpx

from hotline_chassis.devusers import DEMO_USERS, find_user
from hotline_chassis.tokens import fetch_demo_token
from hotline_cli.replay.command import issuer_of
from hotline_cli.up import folder_option


@click.command()
@click.argument("user")
@click.option("--issuer-url", help="开发用登录地址。The development issuer, instead of the running system's.")
@folder_option
def token(user: str, issuer_url: str | None, folder: Path) -> None:
    """打印演示用户的令牌。Print a token of a demo user, such as dispatcher or handler@<department>."""
    if find_user(user) is None:
        raise click.BadParameter(f"one of {', '.join(DEMO_USERS)}, handler@…, head@…, service@…", param_hint="USER")
    issuer = issuer_url or issuer_of(folder)
    try:
        click.echo(fetch_demo_token(issuer, user))
    except httpx.HTTPError as error:
        raise click.ClickException(f"{issuer} gives no token: {type(error).__name__}") from error
