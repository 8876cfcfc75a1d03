"""The command line: one short function per command, and one place where an error becomes a code."""
