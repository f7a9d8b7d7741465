"""What nobody entered: the shops that are there at the start, and answers that follow from nothing but the spec."""
