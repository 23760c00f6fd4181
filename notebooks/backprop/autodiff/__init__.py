"""Forward and backward passes: recordings, traces, wrong backward rules, and PyTorch's settings."""
