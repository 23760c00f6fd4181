"""Colours, shapes and strokes that figures and pictures share."""
