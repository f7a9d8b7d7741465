"""The whole of client and sandbox under load and failures: a short form here, the long one in `make soak`."""
