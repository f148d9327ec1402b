"""Small working files of each kind, with the reader's own names in them."""
