"""The sign-in side of the emulator: what Entra ID does before Graph is asked anything."""
