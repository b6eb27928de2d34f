"""The shared words: frozen data that every stage may speak. Standard library only, no I/O, no clock."""
