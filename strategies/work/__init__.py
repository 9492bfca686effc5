"""Heavy work in independent pieces: in this process, in processes beside it, or on a Ray cluster. The results are the same to the bit.

A piece depends on what it is given alone: seeds are part of it, and whoever adds results up does so in the order of the pieces. Each
runs with one BLAS and one OpenMP thread, for more of them add in another order. So neither the number of workers, nor which of them
ends first, nor a death and a second try changes a figure. Another kind of processor may round products of float32 differently.
"""
