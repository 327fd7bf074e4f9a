"""`python -m config.demo.leash <module> [options]`: run a module for as long as the parent process lives.

The parent holds the other end of our standard input. When it ends, in whatever way, the input ends,
and we leave as if asked to: a demo that was killed leaves no servers behind.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def leave_with_parent() -> None:
    """Wait for the end of standard input, then ask this process to stop."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main(module: str, options: list[str]) -> None:
    threading.Thread(target=leave_with_parent, name="leash", daemon=True).start()
    sys.argv = [module, *options]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
