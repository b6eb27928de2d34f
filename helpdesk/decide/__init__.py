"""What does the procedure say? (ticket, event, policy, now) -> Decision. Pure: no I/O, no clock, no chance."""
