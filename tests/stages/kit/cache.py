"""The smallest KV cache there is, by nanochat's protocol."""

import torch


class ToyCache:
    """Keeps keys and values by layer.

    `insert_kv(layer_idx, k, v)` appends new ones, `(B, Hkv, T, D)`, and gives back all; `get_pos()`
    is how many positions came before this call of the model. The last of `n_layer` layers ends it.
    """

    def __init__(self, n_layer=1):
        self.n_layer = n_layer
        self.kept = {}
        self.position = 0

    def get_pos(self):
        """How many positions there are already."""
        return self.position

    def insert_kv(self, layer_idx, k, v):
        """Append to the layer's keys and values, and give back all of them."""
        if layer_idx in self.kept:
            k = torch.cat([self.kept[layer_idx][0], k], dim=2)
            v = torch.cat([self.kept[layer_idx][1], v], dim=2)
        self.kept[layer_idx] = (k, v)
        if layer_idx == self.n_layer - 1:
            self.position = k.size(2)
        return k, v
