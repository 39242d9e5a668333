"""Every test may ask for real servers."""

pytest_plugins = ["hotline_embedded.fixtures"]
