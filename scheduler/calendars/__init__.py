"""From what a mailbox answered to what may be offered."""
