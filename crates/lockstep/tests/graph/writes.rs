//! Every write under every fault: one effect in the end.
