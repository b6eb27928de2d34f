"""The whole desk in one file, and back: archive, restore that is all or nothing, the server's own tools."""
