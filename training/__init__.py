"""Training of the models: one folder a model, each with one recipe."""
