"""Training: variational autoencoders on drum loops and faces (PyTorch, Lightning)."""
