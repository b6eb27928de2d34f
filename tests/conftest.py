"""What holds for all tests."""

import signal

# A shell that starts us in the background has SIGINT ignored, and every daemon that we start would inherit that:
# no Ctrl-C of a test would ever end one.
signal.signal(signal.SIGINT, signal.default_int_handler)
