"""Text for readers, of anything: fitted, worded, styled, and files by the names they go by."""
