"""An image layout as a product under test: read once, kept as plain data, judged elsewhere."""
