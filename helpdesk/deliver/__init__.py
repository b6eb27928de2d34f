"""Handing letters over: to a smarthost by SMTP, or into a Maildir. One attempt each, three possible ends."""
