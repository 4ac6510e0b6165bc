"""The operations of the service, one folder of the URL space a file."""
