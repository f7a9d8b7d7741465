"""Who may pass, and what is wrong with what may not."""
