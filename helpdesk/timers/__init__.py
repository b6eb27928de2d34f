"""The alarm clock: it wakes, it decides nothing."""
