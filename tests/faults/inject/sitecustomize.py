"""Python imports this by itself where this folder is on PYTHONPATH: see injected.py."""

import sys

if sys.orig_argv[-1] in ("bot", "worker", "up", "bot.seed"):
    import injected

    injected.install(sys.orig_argv[-1])
