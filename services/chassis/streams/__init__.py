"""The stream runtime: event in, command out, exactly one effect for each event. Nothing here is imported eagerly."""
