"""Faults of the machine while Dateline works: nothing may be lost, doubled, wrong, or passed over in silence."""
