"""Check of 06_optim/weight_averaging."""

import contextlib

import pytest
import torch
from nanochat.optim.weight_averaging import EMA, SWA
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nanolab.expect import attempt, close, equal


class Model(nn.Module):
    """Two parameters, and a buffer that counts: an average of it makes no sense."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 3))
        self.bias = nn.Parameter(torch.zeros(3))
        self.register_buffer("seen", torch.tensor(0))

    def put(self, value):
        """Set all weights to a value."""
        with torch.no_grad():
            for p in self.parameters():
                p.fill_(value)
        self.seen += 1


def weights(average):
    """The average of `bias`, one number."""
    return average.average()["bias"][0]


def walk(make, values):
    """The average after each of the values."""
    model = Model()
    average = make(model)
    found = []
    for value in values:
        model.put(value)
        average.update()
        found.append(weights(average).item())
    return found


def ema(model):
    return EMA(model, 0.9)


def test_ema_forgets_slowly():
    """Decay 0.9 and weights 1, 2, 3: the average is 1, 1.1, 1.29.

    Kills shares_swapped, from_the_start, never_counts and sums.
    """
    message = "the first update copies, later ones go 0.1 of the way: 1, then 1.1, then 1.29"
    close(walk(ema, [1.0, 2.0, 3.0]), [1.0, 1.1, 1.29], message)
    close(walk(lambda model: EMA(model, 0.0), [1.0, 5.0]), [1.0, 5.0], "decay 0 remembers nothing")


def test_swa_is_the_plain_mean():
    """Weights 1, 2, 3, 6: the mean is 1, 1.5, 2, 3.

    Kills swa_is_ema and swa_counts_from_0.
    """
    message = "all weights count the same: 1, (1 + 2) / 2, (1 + 2 + 3) / 3, (1 + 2 + 3 + 6) / 4"
    close(walk(SWA, [1.0, 2.0, 3.0, 6.0]), [1.0, 1.5, 2.0, 3.0], message)


def test_averages_are_torchs():
    """Ten updates beside torch.optim.swa_utils.AveragedModel; the model itself is only read.

    Kills only_first_parameter, model_follows, buffers_too and no_graph_guard.
    """
    for ours, avg in ((ema, get_ema_multi_avg_fn(0.9)), (SWA, None)):
        model = Model()
        average, torchs = ours(model), AveragedModel(model, multi_avg_fn=avg)
        for step in range(10):
            with torch.no_grad():
                for p in model.parameters():
                    p.copy_(torch.randn_like(p))
            before = [p.clone() for p in model.parameters()]
            average.update()
            torchs.update_parameters(model)
            same = all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
            assert same, "update() changed the model; it should only look at it"
            mine, right = average.average(), dict(torchs.module.named_parameters())
            equal(
                sorted(mine), ["bias", "weight"], "an average of each parameter, and of no buffer"
            )
            for name, tensor in mine.items():
                message = f"{name} differs from torch's after {step + 1} updates"
                close(tensor, right[name].detach(), message, atol=1e-6)
        assert not any(tensor.requires_grad for tensor in mine.values()), "the average has a graph"


def test_what_stands_still_stays_exactly():
    """Constant weights: the average is equal to them, to the last bit; and it is nobody's alias.

    Kills two_products, aliased and hands_out_itself.
    """
    for make in (ema, SWA):
        model = Model()
        average = make(model)
        model.put(0.1)
        for _ in range(50):
            average.update()
        message = (
            "decay * old + (1 - decay) * new rounds twice, and drifts; move towards the new one"
        )
        equal(weights(average).item(), model.bias[0].item(), message)
        model.put(7.0)
        message = "the model went on, and the average went along: it must be a tensor of its own"
        equal(weights(average).item(), torch.tensor(0.1).item(), message)
        average.average()["bias"].fill_(9.0)
        message = "average() hands out a copy; what is done to it must not come back"
        equal(weights(average).item(), torch.tensor(0.1).item(), message)


def test_the_model_comes_back():
    """Inside the with it has the average, afterwards its own weights, also after an error.

    Kills no_swap, no_restore, no_finally, new_tensors and data_swapped.
    """
    model = Model()
    average = ema(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for value in (1.0, 2.0):
        model.put(value)
        average.update()
    with average.average_parameters() as inside:
        assert inside is model, "the with statement gives the model"
        close(model.bias.detach(), torch.full((3,), 1.1), "inside, the model has the average")
        equal(model.seen.item(), 2, "buffers stay as they are")
        for p in model.parameters():
            p.grad = torch.ones_like(p)
        optimizer.step()
    close(model.bias.detach(), torch.full((3,), 2.0), "afterwards it has its own weights again")
    close(weights(average), torch.tensor(1.1), "a step inside the with must not reach the average")
    optimizer.step()
    message = "the optimizer still holds its parameters: they must be the same tensors as before"
    close(model.bias.detach(), torch.full((3,), 1.0), message)
    with pytest.raises(KeyError), average.average_parameters():
        raise KeyError
    message = "the body of the with raised, and the model kept the average: restore it in `finally`"
    close(model.bias.detach(), torch.full((3,), 1.0), message)
    assert model.bias.requires_grad, "afterwards, the parameters can be trained as before"


def test_saved_loaded_refused():
    """A saved average goes on; an average of nothing or of another model is refused.

    Kills saved_alias, loaded_alias, counter_not_loaded, counter_saved_as_1, average_of_nothing,
    loads_anything, decay_of_1 and negative_decay.
    """
    for make in (ema, SWA):
        model = Model()
        first = make(model)
        for value in (1.0, 2.0):
            model.put(value)
            first.update()
        saved = first.state_dict()
        resumed = make(model)
        resumed.load_state_dict(saved)
        for value in (5.0, 7.0):
            model.put(value)
            first.update()
            resumed.update()
            message = "loaded after two updates, it must go on like the one that was saved"
            close(weights(resumed), weights(first), message)
        again = make(model)
        again.load_state_dict(saved)
        right = 1.1 if make is ema else 1.5
        close(weights(again), torch.tensor(right), "what was saved must not change afterwards")
        refused = ("raises", "RuntimeError")
        equal(attempt(make(model).average), refused, "before any update there is no average")
        small = make(nn.Linear(2, 2))
        for into, state in ((small, saved), (make(model), small.state_dict())):
            found = attempt(into.load_state_dict, state)
            equal(found, ("raises", "ValueError"), "that is the average of another model")
    for decay in (1.0, -0.1, 1.5):
        found = attempt(EMA, Model(), decay)
        equal(found, ("raises", "ValueError"), f"decay {decay} is impossible: at least 0, below 1")


def probe(module):
    """Averages along a walk, what a with statement leaves behind, what is saved and refused."""

    def inside(make, fails):
        model = Model()
        average, bias = make(model), model.bias
        model.put(1.0)
        average.update()
        model.put(2.0)
        average.update()
        seen = []
        with contextlib.suppress(IndexError), average.average_parameters():
            seen.append(model.bias.detach().clone())
            model.put(5.0)
            if fails:
                [].pop()
        seen += [model.bias.detach().clone(), weights(average), model.seen.item()]
        return seen, model.bias is bias, model.bias.requires_grad

    def saved(make):
        model = Model()
        average, other = make(model), make(model)
        for value in (0.2, 0.1):
            model.put(value)
            average.update()
        state = average.state_dict()
        average.average()["bias"].fill_(4.0)
        model.put(0.3)
        average.update()
        other.load_state_dict(state)
        model.put(2.0)
        other.update()
        facts = sorted(average.average()), average.shadow["bias"].requires_grad
        return facts, weights(average), weights(other), state["shadow"]["bias"][0]

    makes = (lambda model: module.EMA(model, 0.9), module.SWA)

    def bits(make):
        walked = attempt(walk, make, [0.1] * 50)
        return [one == walked[0] for one in walked] if isinstance(walked, list) else walked

    return (
        [attempt(walk, make, [1.0, 2.0, 3.0, 6.0]) for make in makes],
        [bits(make) for make in makes],
        [attempt(inside, make, fails) for make in makes for fails in (False, True)],
        [attempt(saved, make) for make in makes],
        [attempt(lambda make: make(Model()).average(), make) for make in makes],
        [attempt(module.EMA, Model(), decay) == ("raises", "ValueError") for decay in (1.0, -0.5)],
        [
            attempt(
                lambda: makes[0](nn.Linear(2, 2)).load_state_dict(makes[0](Model()).state_dict())
            )
        ],
    )
