"""[limits]: what strangers, and the desk's own mistakes, may cost (MAIL_RULES section 7), in one table.

Limits of one road stand in the table of that road: size, sessions, recipients and idle time of the listener in
[receive.smtp], how long a letter is tried in [send].
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated

from pydantic import Field

from helpdesk.config.secrets import Table
from helpdesk.config.values import KB, MB, Network, length_between, size_between
from helpdesk.model.limits import MailLimits
from helpdesk.model.policy import Caps

Lines = Annotated[int, Field(ge=10, le=100_000)]
Many = Annotated[int, Field(ge=1, le=10_000)]
Few = Annotated[int, Field(ge=1, le=100)]
_second, _minute, _day = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class LimitsTable(Table):
    """`free_disk`: never less than three of the biggest mails. `worker_memory`: of the desk worker, all in all."""

    header_block: Annotated[int, size_between("4KiB", "16MiB")] = 256 * KB
    header_value: Annotated[int, size_between("1KiB", "1MiB")] = 16 * KB
    header_fields: Annotated[int, Field(ge=20, le=100_000)] = 1000
    addresses: Many = 200
    subject: Annotated[int, Field(ge=20, le=10_000)] = 900
    mime_depth: Few = 20
    mime_parts: Many = 300
    attachments: Many = 100
    html: Annotated[int, size_between("4KiB", "16MiB")] = MB
    html_tags: Lines = 5000
    html_depth: Annotated[int, Field(ge=10, le=1000)] = 100
    reply_text: Annotated[int, size_between("1KiB", "1MiB")] = 64 * KB
    reply_lines: Lines = 2000

    line: Annotated[int, size_between("1000B", "16MiB")] = 64 * KB
    hops: Annotated[int, Field(ge=10, le=1000)] = 50
    errors: Annotated[int, Field(ge=1, le=10_000)] = 20
    data_rate: Annotated[int, size_between("1B", "1MB")] = 500
    data_for: Annotated[timedelta, length_between(_minute, _day)] = timedelta(minutes=30)
    mails_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    own_servers: tuple[Network, ...] = _LOOPBACK
    free_disk: Annotated[int, size_between("1B", "9999GB")] = 1024 * MB

    worker_cpu: Annotated[timedelta, length_between(_second, 10 * _minute)] = timedelta(seconds=5)
    worker_wall: Annotated[timedelta, length_between(_second, 60 * _minute)] = timedelta(seconds=10)
    worker_memory: Annotated[int, size_between("192MiB", "999GB")] = 512 * MB
    attempts: Few = 3

    retry_first: Annotated[timedelta, length_between(_second, _day)] = timedelta(minutes=5)
    retry_longest: Annotated[timedelta, length_between(_second, 7 * _day)] = timedelta(hours=1)

    idle: Annotated[timedelta, length_between(_second, 29 * _minute)] = timedelta(minutes=9)
    full_scan: Annotated[timedelta, length_between(_second, _day)] = timedelta(minutes=5)

    lease: Annotated[timedelta, length_between(0.5 * _second, 60 * _minute)] = timedelta(seconds=60)
    heartbeat: Annotated[timedelta, length_between(0.1 * _second, 20 * _minute)] = timedelta(seconds=15)

    greetings_per_address: Many = 1
    greetings_per_known_address: Many = 10
    greetings_per_domain: Many = 30
    greetings: Annotated[int, Field(ge=1, le=100_000)] = 300
    loop_mails: Annotated[int, Field(ge=2, le=10_000)] = 5
    reopenings: Many = 5

    reply_address_for: Annotated[timedelta, length_between(_day, 3650 * _day)] = timedelta(days=30)
    survey_link_for: Annotated[timedelta, length_between(_day, 3650 * _day)] = timedelta(days=30)

    def caps(self) -> Caps:
        """What customers' own mail may make the desk write by itself."""
        return Caps(
            per_address=self.greetings_per_address,
            per_known_address=self.greetings_per_known_address,
            per_domain=self.greetings_per_domain,
            in_all=self.greetings,
            loop_mails=self.loop_mails,
            reopenings=self.reopenings,
        )

    def mail(self) -> MailLimits:
        """What the parser obeys."""
        return MailLimits(**{one.name: getattr(self, one.name) for one in fields(MailLimits)})
