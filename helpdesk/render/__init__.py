"""A Decision's drafts become words, and words become message bytes."""
