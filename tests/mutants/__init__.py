"""Known bugs, planted into the real code to prove that the simulation finds them. Nothing of this is in the product.

``catalogue`` lists them; ``planting`` changes the text of a module while it is imported, in a process that asks for it.
"""
