"""What the desk remembers: SQLAlchemy Core tables on SQLite or PostgreSQL. No decision is taken here."""
