"""What the portal's own forms read; the application forms are data (measures.forms)."""
