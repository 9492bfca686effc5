"""Words of the policy that is taken away as YAML."""

SPLIT_CROSSED = "five-way cross-fitting: every query is tested once, by a policy fitted without it; the fitted file is the first fold's"
SPLIT_OWN = "test part of the file's own split"
SPLIT_DRAWN = "test, 40 %"
CHOSEN = "chosen on the calibrate part"
CHOSEN_CROSSED = "chosen on the same queries, which the intervals do not include"
