"""Pictures of the paths through a network: each path of one weight, and how their number grows."""
