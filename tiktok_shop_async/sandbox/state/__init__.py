"""What the sandbox remembers: rows and their tables, the agenda, the two times, the file that keeps it all."""
