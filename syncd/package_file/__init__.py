"""An exchange package as a file: its frame, its signature. Either side of the network may read one; whose it is, and what it
does, others say."""
