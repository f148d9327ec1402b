"""The forms in which a run can be read: a file for each, `to_NAME`, whose `render` writes it."""
