"""A text that is random, and of which the best possible loss is known: a Markov source.

Each of V states is followed by one of k others, with fixed probabilities. A model that has
learned everything still loses `entropy_rate` nats per token, and none can lose less.
"""

import math

import torch

PROBABILITIES = (0.5, 0.25, 0.15, 0.1)


class MarkovSource:
    """Endless tokens 0 ... V-1, all of them drawn from one seed.

    Attributes:
        successors: (V, k) int64; what can follow each state, the most probable first.
        entropy_rate: Nats per token that remain when everything is known: the floor of any loss.
        unigram_entropy: Nats per token of a model that knows only how frequent each token is.
    """

    def __init__(self, V=32, k=4, seed=0):
        if not 1 <= k <= V or k > len(PROBABILITIES):
            raise ValueError(f"each of {V} states cannot have {k} successors")
        self.V, self.k = V, k
        weights = torch.tensor(PROBABILITIES[:k], dtype=torch.float64)
        self.probabilities = weights / weights.sum()  # (k,)
        rng = torch.Generator().manual_seed(seed)
        orders = [torch.randperm(V, generator=rng)[:k] for _ in range(V)]
        self.successors = torch.stack(orders)  # (V, k)
        self.entropy_rate = _entropy(self.probabilities)
        self.unigram_entropy = _entropy(self._stationary())

    def batch(self, B, T, generator):
        """Inputs and targets, each (B, T) int64: the target is the token that comes next."""
        state = torch.randint(self.V, (B,), generator=generator)
        tokens = [state]
        for _ in range(T):
            which = torch.multinomial(self.probabilities, B, replacement=True, generator=generator)
            tokens.append(self.successors[tokens[-1], which])
        text = torch.stack(tokens, dim=1)  # (B, T + 1)
        return text[:, :-1].contiguous(), text[:, 1:].contiguous()

    def _stationary(self):
        """How frequent each state is in the long run: (V,) float64."""
        P = torch.zeros(self.V, self.V, dtype=torch.float64)
        P.scatter_(1, self.successors, self.probabilities.expand(self.V, self.k))
        # half a step at a time, so that a source that runs in circles comes to rest as well
        lazy = (P + torch.eye(self.V, dtype=torch.float64)) / 2
        return torch.linalg.matrix_power(lazy, 2**12).mean(0)


def _entropy(p):
    return -sum(float(x) * math.log(float(x)) for x in p if x > 0)
