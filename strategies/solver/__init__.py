"""From a question in plain words to a policy with a certificate: goals, candidates, search, proof, answer."""
