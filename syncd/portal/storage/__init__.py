"""Bytes on the portal's disk: of versions, of uploads on their way, and the room there is."""
