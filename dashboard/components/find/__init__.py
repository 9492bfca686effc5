"""The Find page's parts: the question, the answer in words, its picture, what was tried."""
