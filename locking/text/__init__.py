"""Text for readers, of anything: fitted, worded, styled, files by their names; users' TOML."""
