"""What the engine needs, as Protocols with the guarantees an adapter owes."""
