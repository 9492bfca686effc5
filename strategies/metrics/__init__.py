"""What is measured: figures of a pool, a run, a curve, a signal, each declared beside its formula (base, facts, declared)."""
