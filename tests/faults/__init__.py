"""Damaged and hostile input, by the thousand: every one ends in a result or in one message."""
