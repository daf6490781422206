"""One way to data: data set cards, formats, data sets in memory, and attacks from file to file."""
