"""What lesson 08 asks, one file a kind of layer; `inside_a_transformer` collects it."""
