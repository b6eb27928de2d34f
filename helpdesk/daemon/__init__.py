"""The composition root: builds every object from the configuration and runs the two kinds of process."""
