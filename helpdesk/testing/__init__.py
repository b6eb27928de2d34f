"""Shipped test tools: a clock, fakes, real servers on free ports, a whole desk with a scenario language."""
