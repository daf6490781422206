"""How far noise moves the states of words inside an encoder."""
