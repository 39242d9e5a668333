"""Every test may ask for real servers, and none is judged by how busy the machine is."""

from hypothesis import settings

pytest_plugins = ["hotline_embedded.fixtures"]

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
