"""What tests of Muster, and of what others build on it, have in common."""
