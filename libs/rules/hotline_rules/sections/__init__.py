"""The sections of a rule pack, one module a concern. Every figure that a rule needs stands in one of them."""
