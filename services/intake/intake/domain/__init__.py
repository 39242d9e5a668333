"""What intake decides, pure: calls, requests, persons."""
