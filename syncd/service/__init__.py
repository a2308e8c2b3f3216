"""The service: what happens around its passes. Nothing is imported here: a run needs one of these modules, not all of them."""
