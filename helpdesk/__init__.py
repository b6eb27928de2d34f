"""An e-mail-driven helpdesk: something happened, what does the procedure say, remember it and write the letters."""

__version__ = "0.1.0"
