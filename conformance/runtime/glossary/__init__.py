"""glossary.md."""
