"""Orders: what can be asked of the exchange, what is checked before, and what became of it afterwards.

Everything but `desk` and `lookup` is pure: values in, values out.
"""
