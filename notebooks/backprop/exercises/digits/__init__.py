"""What lesson 09 asks, one file a stage of the work; `capstone` collects it."""
