"""The runtime: from the arguments of a call to its typed answer, on asyncio and trio."""
