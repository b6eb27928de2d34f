"""Faults on purpose: a postman, a sink, people, a daemon that is killed, and the judge (see docs/chaos.md)."""
