"""Where the stages meet: one readable file per way (receive, intake, ring, send, admin)."""
