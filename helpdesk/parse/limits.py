"""Limits that no desk sets: each keeps one detail of a mail from growing. Those one can set are `model.limits`."""

from __future__ import annotations

NAME = 300
IDS = 200
ID_LENGTH = 998
PARAMETERS = 64
TEXT = 1024 * 1024
TAG_LENGTH = 4_096
SENT_CHARS = 64 * 1024
REPLY_LINE = 1_000
EVIDENCE_LINES = 200
BOUNCE_RECIPIENTS = 100
FALLBACK_BOUNCE = 64 * 1024
TRACE = 100
TESTIMONIES = 20
TESTIMONY = 8 * 1024
PROPERTIES = 20
