"""All about one case, gathered for the one screen: what was said, what the rule says, what happened."""
