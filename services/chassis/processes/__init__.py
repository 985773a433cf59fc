"""How the processes of a service are put together, started, watched and stopped."""
