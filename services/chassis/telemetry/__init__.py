"""What a running process tells about itself: figures, traces and log lines, none of them about a person."""
