"""What crosses the network, v1 (docs/wire.md). Spoken only by remote/http and portal/api."""
