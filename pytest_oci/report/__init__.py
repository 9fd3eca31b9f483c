"""Renderers: what a run says to people and to machines. They judge nothing."""
