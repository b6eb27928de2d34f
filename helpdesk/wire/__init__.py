"""Bytes come in: the SMTP/LMTP listener and the IMAP pollers."""
