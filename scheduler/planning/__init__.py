"""From a request in local terms to the solvers' integers, and back to sentences."""
