// The HTTP side.
