"""The columns of a trace as text: what stands in them, how wide they are, their colours."""
