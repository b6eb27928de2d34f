"""`helpdesk demo`: a real desk, and people played around it."""
