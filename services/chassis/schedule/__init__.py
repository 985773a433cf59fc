"""What is due later: durable, to the second, once, whoever is alive when the moment comes."""
