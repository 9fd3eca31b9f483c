"""The suite: clause data and the tests that judge products by them."""
