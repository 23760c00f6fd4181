"""What an exercise asks, as data, and how its inputs are drawn."""
