"""The command line: one file per command group; `output` does all printing."""

from __future__ import annotations

import gc
import os
import sys

from syncd.wiring import prescan


def _names_are_text() -> str:
    """'' where names of documents are read as UTF-8; else what is wrong and what to do.

    In another character set every accented name would be another name, for this one run: renamed on the other side.
    """
    encoding = sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") == "utf8":
        return ""
    return f"this session reads names in {encoding}. Set LC_ALL=C.UTF-8 (or PYTHONUTF8=1), then run again: no document was touched."


def main() -> None:
    if fault := _names_are_text():
        sys.stderr.write(f"syncd: {fault}\n")
        sys.exit(2)
    with prescan.looking(sys.argv[1:], os.environ) as looks:  # while this process loads what it needs
        from click import Abort, ClickException
        from click.exceptions import Exit, NoSuchOption

        from syncd.cli.group import cli
        from syncd.cli.output import failed, warn
        from syncd.core.errors import SyncdError

        try:
            code = cli.main(standalone_mode=False, obj=looks, prog_name="syncd")
            sys.exit(code if isinstance(code, int) else 0)
        except SyncdError as e:
            sys.exit(failed(e))
        except Exit as e:
            sys.exit(e.exit_code)
        except Abort:
            sys.exit(130)
        except NoSuchOption as e:
            e.show()
            if e.option_name == "--config" and e.ctx is not None:
                warn(f"syncd: --config goes before the command: syncd --config FILE {e.ctx.info_name} …")
            sys.exit(e.exit_code)
        except ClickException as e:
            e.show()
            sys.exit(e.exit_code)
        except BrokenPipeError:
            sys.exit(141)
        except Exception as e:  # nobody is shown a traceback
            from syncd.cli.output import unexpected
            from syncd.cli.permission_errors import sentence

            if (denied := sentence(e)) is not None:
                warn(f"syncd: {denied[0]}")
                sys.exit(denied[1])
            sys.exit(unexpected(e))
        finally:
            gc.freeze()  # the process ends: to search all that it imported for cycles would only take time
