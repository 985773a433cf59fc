"""A company of believable size and history. `generate` tells what happened as commands; a loader sends them."""
