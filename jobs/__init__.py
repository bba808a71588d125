"""Batch workers: the images of the product with another command, fed by queues that others fill."""
