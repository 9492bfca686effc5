"""Readers: bytes of any known shape become one sheet, one mapping and one outcome table."""
