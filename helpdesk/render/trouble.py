"""What can be wrong with the canned responses as a whole."""


class CannedError(Exception):
    """A canned response cannot be used; run `helpdesk canned check` and correct the file it names."""
