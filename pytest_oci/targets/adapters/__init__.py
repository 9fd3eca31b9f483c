"""Command lines like a runtime's for products that have none: an adapter keeps the state, the product runs the bundle.

What an adapter does itself is never judged as the product's; the profile names those clauses (`not_the_products`).
"""
