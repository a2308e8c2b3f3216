"""Exchange packages at the portal: ordered of the engine, handed in, fetched, mailed. The engine alone has keys and chains."""
