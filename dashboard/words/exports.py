"""Words of the policy that is taken away as Python and YAML."""

KEPT = "{name}: kept on this computer, as it was saved"
PREVIEWED = "all of it; the figures on screen are a preview on {n:,} of its queries"
SPLIT_CROSSED = "five-way cross-fitting: every query is tested once, by a policy fitted without it; the fitted file is the first fold's"
SPLIT_OWN = "test part of the file's own split"
SPLIT_DRAWN = "test, 40 %"
CHOSEN = "chosen on the calibrate part"
CHOSEN_CROSSED = "chosen on the same queries, which the intervals do not include"
