"""Models behind HTTP: how they are asked, what their answers mean, what is kept, and what it costs."""
