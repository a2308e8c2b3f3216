"""The portal in this process: its rule, its pages, its use cases, on a portal directory of the worker's own."""
