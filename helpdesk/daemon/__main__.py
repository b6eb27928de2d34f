"""`python -m helpdesk.daemon MODULE ...`: how a process of the desk begins. What it is, the module's `main` says."""

from __future__ import annotations

import sys
from importlib import import_module

from helpdesk.daemon.loading import loading

if __name__ == "__main__":
    with loading():
        module = import_module(sys.argv.pop(1))
    module.main()
