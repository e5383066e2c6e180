"""The command line: Click lives here and nowhere else. One module per group of commands."""
