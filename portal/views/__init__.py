"""Pages of the portal, one module an act. They read, and call verbs; nothing here decides."""
