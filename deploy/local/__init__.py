"""Everything on one machine: a real broker, a real database, the gateway and the services, started and watched."""
