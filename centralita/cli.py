"""The command line. Each command's parts are imported when it is called, so that ``--help`` is quick.

Exit codes: 0 done; 1 the answer is no (a check failed, a call is not there); 2 the input or the
settings cannot be used.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from typer.core import TyperGroup

from centralita.cli_options import AsJson, Region, SettingsFile, errors, unusable
from centralita.cli_privacy import privacy_app
from centralita.cli_tables import accounts_app, contacts_app, lists_app
from centralita.errors import UnusableError
from centralita.settings import Pbx, Settings, load


class Commands(TyperGroup):
    """All commands; what cannot be used ends any of them with 2 and a line that says why."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        from centralita import logs

        logs.set_up("error")
        try:
            return super().invoke(ctx)
        except UnusableError as error:
            unusable(str(error))


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
user_app = typer.Typer(no_args_is_help=True, help="People who sign in.")
token_app = typer.Typer(no_args_is_help=True, help="Keys of other systems.")
why_app = typer.Typer(no_args_is_help=True, help="Why something was told so.")
conf_app = typer.Typer(no_args_is_help=True, help="Asterisk's configuration files.")
app.add_typer(db_app, name="db")
app.add_typer(contacts_app, name="contacts")
app.add_typer(accounts_app, name="accounts")
app.add_typer(lists_app, name="lists")
app.add_typer(privacy_app, name="privacy")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.add_typer(conf_app, name="conf")
app.add_typer(why_app, name="why")


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve(config: SettingsFile = None) -> None:
    """Run the service: exchange, desktops, REST, FastAGI."""
    from centralita.serve import serve as run

    run(load(config))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("data/demo"),
    port: Annotated[int, typer.Option(help="Port of the pages; 0 lets the system choose.")] = 8080,
    calls_per_minute: Annotated[float, typer.Option(help="How busy the floor is.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same customers.")] = 1,
) -> None:
    """Show Centralita: simulated exchange, made-up customers, a running floor of calls."""
    from centralita.demo import demo as run

    run(folder=folder, port=port, calls_per_minute=calls_per_minute, seed=seed)


@app.command()
def replay(
    file: Annotated[Path | None, typer.Argument(help="A capture of AMI, .gz or not.")] = None,
    config: SettingsFile = None,
    region: Region = "ES",
    as_json: AsJson = False,
    cel: Annotated[Path | None, typer.Option(help="Instead of a capture: CEL as a CSV file.")] = None,
    queue_log: Annotated[Path | None, typer.Option(help="Beside CEL: queue_log.")] = None,
    columns: Annotated[str | None, typer.Option(help="Columns of the CEL file, with commas between.")] = None,
) -> None:
    """Tell the calls that a capture holds, or the exchange's own records."""
    from centralita.replay import print_calls, replay_file
    from centralita.replay_cel import replay_cel

    if (file is None) == (cel is None) or (file and (columns or queue_log)):
        unusable("a capture, or --cel FILE [--queue-log FILE] [--columns …]: one of them")
    pbx = _pbx(config, "main") if config else None
    if file is not None:
        print_calls(replay_file(file, pbx=pbx, region=region), as_json=as_json)
    elif cel is not None:
        calls, told = replay_cel(cel, queue_log=queue_log, columns=columns, pbx=pbx, region=region)
        print_calls(calls, as_json=as_json)
        if told.bad:
            errors.print(f"lines that were not understood: {told.bad}", style="yellow", highlight=False)


@app.command()
def backfill(
    since: Annotated[datetime, typer.Option(help="In the time of the exchange.")],
    config: SettingsFile = None,
    pbx: Annotated[str, typer.Option(help="Which exchange.")] = "main",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; keep nothing.")] = False,
) -> None:
    """Bring into the history what the exchange's own records tell of calls that nobody heard."""
    from centralita.backfill import back_fill

    settings = load(config)
    zone = ZoneInfo(_of(settings, pbx).time_zone)
    back_fill(settings, pbx=pbx, since=since.replace(tzinfo=zone), dry_run=dry_run)


@app.command()
def capture(
    file: Annotated[Path, typer.Argument(help="Where to write; FILE.idx holds the times.")],
    config: SettingsFile = None,
    pbx: Annotated[str, typer.Option(help="Which exchange.")] = "main",
    seconds: Annotated[float | None, typer.Option(help="Stop after so long; else at Ctrl-C.")] = None,
) -> None:
    """Write what an exchange says to a file, secrets masked."""
    from centralita.capture import capture_to

    asyncio.run(capture_to(file, _pbx(config, pbx), seconds=seconds))


@app.command()
def doctor(config: SettingsFile = None, as_json: AsJson = False) -> None:
    """Say what is wrong, why it matters, and the line to change."""
    from centralita.doctor import examine, print_findings

    findings = asyncio.run(examine(load(config)))
    print_findings(findings, as_json=as_json)
    sys.exit(1 if any(finding.level == "bad" for finding in findings) else 0)


@app.command()
def number(
    text: Annotated[list[str], typer.Argument(help="The number as it came; - reads one a line.")],
    region: Region = "ES",
    as_json: AsJson = False,
) -> None:
    """Say how a number is read."""
    from centralita.number import print_numbers

    lines = (line.rstrip("\r\n") for line in sys.stdin) if text == ["-"] else iter([" ".join(text)])
    print_numbers(lines, region=region, as_json=as_json)


@app.command()
def retention(
    config: SettingsFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; keep it.")] = False,
) -> None:
    """Let go of records that are older than their rules allow; the service does it each night."""
    from centralita.retention import let_go, look

    (look if dry_run else let_go)(load(config))


@db_app.command("upgrade")
def db_upgrade(
    config: SettingsFile = None,
    without_copy: Annotated[
        bool, typer.Option("--without-copy", help="Make no copy before: there is one already.")
    ] = False,
) -> None:
    """Bring the database to this version's tables, after a copy of it. Stop the service first."""
    from centralita.records import upgrade_database

    upgrade_database(load(config), is_copied=not without_copy)


@db_app.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; one that is there is replaced.")],
    config: SettingsFile = None,
) -> None:
    """Copy the database, also while the service runs, and check the copy."""
    from centralita.backup import back_up_database

    back_up_database(load(config), file)


@db_app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="The copy to put back.")],
    config: SettingsFile = None,
) -> None:
    """Put a copy in the database's place; what was there is kept. Stop the service first."""
    from centralita.backup import restore_database

    restore_database(load(config), file)


@db_app.command("copy")
def db_copy(
    source: Annotated[
        str, typer.Argument(help="The database as it is in the settings, such as sqlite:////….")
    ],
    target: Annotated[str, typer.Argument(help="The new one, empty, such as postgresql+psycopg://….")],
) -> None:
    """Move a site to another database. Stop the service first; the old database stays as it is."""
    from centralita.moving import move_database

    move_database(source, target)


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    config: SettingsFile = None,
    role: Annotated[str, typer.Option(help="agent, supervisor, administrator or auditor.")] = "agent",
    agent: Annotated[str | None, typer.Option(help="The agent's code, such as 101.")] = None,
    interface: Annotated[str | None, typer.Option(help="The seat, such as main:PJSIP/agent101.")] = None,
    full_name: Annotated[str | None, typer.Option(help="As others see it.")] = None,
    language: Annotated[str, typer.Option(help="es or en.")] = "es",
) -> None:
    """Add somebody who signs in; the password is asked for, or read from standard input."""
    from centralita.records import add_user

    add_user(
        load(config),
        name=name,
        role=role,
        agent=agent,
        seat=interface,
        full_name=full_name or name,
        language=language,
        password=_new_password(),
    )


@user_app.command("passwd")
def user_passwd(name: str, config: SettingsFile = None) -> None:
    """Set somebody's password; his sessions end."""
    from centralita.records import set_password

    set_password(load(config), name=name, password=_new_password())


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    config: SettingsFile = None,
    role: Annotated[str | None, typer.Option(help="What it may do: all that integration may.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="What alone it may do, such as contacts:read; again for more.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="For how long it holds.")] = None,
) -> None:
    """Make a key for another system; it is shown once, only its hash is kept."""
    from centralita.records import add_token

    typer.echo(add_token(load(config), name=name, role=role, scopes=scope or [], days=days))


@why_app.command("call")
def why_call(
    call: Annotated[str, typer.Argument(help="Its id, or exchange:linkedid.")],
    config: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Say why a call was told so: what was seen, whom it was taken for, whom it was offered to."""
    from centralita.why import why_call as run

    run(load(config), call, as_json=as_json)


@conf_app.command("render")
def conf_render(
    file: Annotated[Path, typer.Argument(help="The exchange's settings, a TOML file.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
) -> None:
    """Write Asterisk's configuration files."""
    from centralita.conf import render_to

    render_to(file, out)


@conf_app.command("check")
def conf_check(
    file: Annotated[Path, typer.Argument(help="The exchange's settings, a TOML file.")],
    folder: Annotated[Path, typer.Option(help="The folder to compare with.")],
) -> None:
    """Compare the configuration files of a folder with what would be written; 1 when they differ."""
    from centralita.conf import compare

    sys.exit(0 if compare(file, folder) else 1)


@app.command()
def bench(
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/bench.json"),
    only: Annotated[list[str] | None, typer.Option(help="Names of benchmarks; all when none.")] = None,
) -> None:
    """Measure, in a checkout; ratios are of one run on this machine."""
    from centralita.bench import run_benchmarks

    sys.exit(run_benchmarks(out, only=only or []))


def _pbx(config: Path | None, name: str) -> Pbx:
    return _of(load(config), name)


def _of(settings: Settings, name: str) -> Pbx:
    if name not in settings.pbx:
        unusable(f"there is no [pbx.{name}] in the settings")
    return settings.pbx[name]


def _new_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


if __name__ == "__main__":
    main()
