"""Commands of the project's workshop: bundle the spec, hold it against its rules, generate code from it."""
