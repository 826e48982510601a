"""Decision graphs of GoRules (JDM) become kinds of ours without code."""
