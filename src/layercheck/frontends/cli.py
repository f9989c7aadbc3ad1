"""The command line: one group, its commands, and how they end.

What a command needs is loaded when the command runs, so that starting stays quick.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from layercheck import __version__
from layercheck.endings import INTERRUPTED, PIPE_CLOSED, is_full
from layercheck.errors import ExitCode, LayercheckError
from layercheck.frontends.baselining import baseline
from layercheck.frontends.checking import check
from layercheck.frontends.extracting import extract
from layercheck.frontends.fixing import fix
from layercheck.frontends.graphs import graph
from layercheck.frontends.manual import explain, rules
from layercheck.frontends.maps import layers, routes
from layercheck.frontends.proposing import init
from layercheck.frontends.talk import complain

if TYPE_CHECKING:
    from layercheck.cache.replay import Call


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def group(context: click.Context) -> None:
    """Find where routers, services and repositories of FastAPI code leak into each other."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(ExitCode.USAGE)


for command in (check, init, fix, extract, baseline, explain, rules, layers, routes, graph):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None, call: Call | None = None) -> int:
    """Run one command and return the exit code; what went wrong is one sentence on stderr.

    ``arguments`` are those of the process when None. ``call`` keeps what `check` prints, for the next time.
    Raises `OSError` where standard output takes no more.
    """
    try:
        done = group.main(arguments, prog_name="layercheck", standalone_mode=False, obj=call)
        return int(done or ExitCode.CLEAN)
    except click.ClickException as error:
        complain(error.format_message())
        return ExitCode.USAGE
    except click.Abort:
        complain("interrupted")
        return INTERRUPTED
    except LayercheckError as error:
        for line in str(error).splitlines():
            complain(line)
        return error.exit_code
    except SystemExit as ended:
        # click ends so after completions for a shell, and, with a code, when nobody reads the output
        return PIPE_CLOSED if ended.code else ExitCode.CLEAN
    except Exception as error:
        if is_full(error):
            raise
        click.echo(traceback.format_exc(), err=True)
        complain(f"internal error, please report it: {type(error).__name__}: {error}")
        return ExitCode.INTERNAL
