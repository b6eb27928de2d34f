"""The verbs of the desk, a file for each kind of thing they do; `table` knows all of them."""
