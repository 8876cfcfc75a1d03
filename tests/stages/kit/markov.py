"""A text that is random, and of which the best possible loss is known: a Markov source.

Each of some states is followed by one of k others, with fixed probabilities. A model that has
learned everything still loses `entropy_rate` nats per token, and none can lose less.
"""

import math

import torch

PROBABILITIES = (0.5, 0.25, 0.15, 0.1)


class MarkovSource:
    """Endless tokens 0 ... vocab_size - 1, all of them drawn from one seed.

    Attributes:
        successors: (vocab_size, k) int64; what can follow each state, the most probable first.
        entropy_rate: Nats per token that remain when everything is known: the floor of any loss.
        unigram_entropy: Nats per token of a model that knows only how frequent each token is.
    """

    def __init__(self, vocab_size=32, k=4, seed=0):
        if not 1 <= k <= min(vocab_size, len(PROBABILITIES)):
            raise ValueError(f"each of {vocab_size} states cannot have {k} successors")
        self.vocab_size, self.k = vocab_size, k
        weights = torch.tensor(PROBABILITIES[:k], dtype=torch.float64)
        self.probabilities = weights / weights.sum()  # (k,)
        rng = torch.Generator().manual_seed(seed)
        orders = [torch.randperm(vocab_size, generator=rng)[:k] for _ in range(vocab_size)]
        self.successors = torch.stack(orders)  # (vocab_size, k)
        self.entropy_rate = _entropy(self.probabilities)
        self.unigram_entropy = _entropy(self._stationary())

    def batch(self, rows, length, generator):
        """Inputs and targets, each (rows, length) int64: the target is the token that comes next."""
        state = torch.randint(self.vocab_size, (rows,), generator=generator)
        tokens = [state]
        for _ in range(length):
            which = torch.multinomial(self.probabilities, rows, True, generator=generator)
            tokens.append(self.successors[tokens[-1], which])
        text = torch.stack(tokens, dim=1)  # (rows, length + 1)
        return text[:, :-1].contiguous(), text[:, 1:].contiguous()

    def _stationary(self):
        """How frequent each state is in the long run: (vocab_size,) float64."""
        eye = torch.eye(self.vocab_size, dtype=torch.float64)
        step = torch.zeros_like(eye).scatter_(
            1, self.successors, self.probabilities.expand(self.vocab_size, self.k)
        )
        # half a step at a time, so that a source that runs in circles comes to rest as well
        lazy = (step + eye) / 2
        return torch.linalg.matrix_power(lazy, 2**12).mean(0)


def _entropy(p):
    return -sum(float(x) * math.log(float(x)) for x in p if x > 0)
