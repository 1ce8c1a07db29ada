"""Rich Text Format: a pass over the control words, which is linear in them."""
