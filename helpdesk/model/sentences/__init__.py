"""Every sentence that a letter quotes, in English, by its name; `model.reasons` makes them, other languages stand
in `canned_responses/<language>/reasons.txt`.
"""
