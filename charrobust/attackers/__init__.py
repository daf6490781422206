"""Who asks: what makes the attacked versions of a data set."""
