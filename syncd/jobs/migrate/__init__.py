"""Documents from before: copied out of an old tree into clients' folders, once each; the ordinary pass publishes them."""
