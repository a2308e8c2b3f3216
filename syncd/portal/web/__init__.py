"""HTML: forms in, pages out. Only translates: a request to a call, what a use case answers or refuses to a page."""
