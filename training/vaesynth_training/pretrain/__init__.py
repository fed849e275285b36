"""Pretraining of the drum model's two halves: grooves from their hits alone, kits from their one-shots alone.

Both are far cheaper to learn apart than through the sound of whole bars: a thousand grooves a second, and
every one-shot in the clear.
"""
