"""What every package of Taojin may import; it imports none of them."""
