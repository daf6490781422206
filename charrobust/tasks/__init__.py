"""Tasks, the formats their data come in, and the way of a data set through an attack."""
