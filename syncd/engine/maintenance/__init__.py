"""Work outside a pass: proof, repair, restoration, retention."""
