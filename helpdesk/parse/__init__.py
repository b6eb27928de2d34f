"""Bytes to InboundMail: pure, total, linear. Only the desk worker and the command line read mail (F4)."""
