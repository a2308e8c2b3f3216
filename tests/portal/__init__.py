"""The portal in this process: its rule, its pages, its services, on a portal directory of the worker's own."""
