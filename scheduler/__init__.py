"""The world around the solvers: people, rooms, zones, Microsoft Graph, the ledger and the command line."""
