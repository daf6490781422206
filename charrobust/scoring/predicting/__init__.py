"""Files of predictions: a system is asked about a data set of any size."""
