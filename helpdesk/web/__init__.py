"""People with a browser: the survey page, and how the desk is, for those who watch it."""
