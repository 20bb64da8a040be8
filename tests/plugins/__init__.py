"""Pytest plugins that every room's tests stand on."""
