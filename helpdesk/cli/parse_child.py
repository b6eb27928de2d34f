"""The child of `helpdesk parse`: reads mails on standard input under limits, answers one line of JSON each.

Before each mail comes a line `{"name": …, "size": …}`. Nothing it prints by accident can garble the answers.
"""

from __future__ import annotations

import json
import os
import resource
import sys

from helpdesk.daemon.cpu import allow_cpu
from helpdesk.parse.message import read
from helpdesk.parse.show import as_json


def main() -> None:
    """`python -m helpdesk.cli.parse_child CPU_SECONDS ADDRESS_SPACE`: CPU for each mail."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    cpu, space = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    source = sys.stdin.buffer
    while head := source.readline():
        asked = json.loads(head)
        allow_cpu(cpu)
        answer = as_json(asked["name"], read(source.read(asked["size"])))
        answers.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
