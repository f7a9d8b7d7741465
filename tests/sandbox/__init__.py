"""The sandbox, tested as any client would meet it: over HTTP, with a signer of the tests' own."""
