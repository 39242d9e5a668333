"""What every service is built on: settings, sign-in, rights, health and telemetry."""
