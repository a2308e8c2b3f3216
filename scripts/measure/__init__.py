"""What `./scripts/bench` measures: this engine and its peers, side by side, as processes on this machine."""
