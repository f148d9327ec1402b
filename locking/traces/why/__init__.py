"""Why a run ends as it does: what it depends on, its pattern, and one sentence."""
