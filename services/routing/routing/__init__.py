"""Routing decides work orders: their category, their department, their course."""
