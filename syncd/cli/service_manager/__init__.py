"""The system's own keeper of services, by whichever name: Windows' service manager, or systemd."""
