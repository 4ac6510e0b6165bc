"""What a connection to a tenant is allowed to do, and how one knows that it can."""
