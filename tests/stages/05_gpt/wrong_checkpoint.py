"""Wrong answers to 05_gpt/checkpoint."""

from nanolab.wrongs import wrong

_IDS = 'ids = tokenizer.encode(sentence, prepend="<|bos|>")'
_ROW = "return next(batches(ids, 1, len(ids) - 1))"
_PAIR = f"x, y = {_ROW.removeprefix('return ')}\n    return "
_ADAMW = "optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)"
_LOOP = "for _ in range(steps):"
_TOLD = "losses.append(loss.item())"
_ZERO = "optimizer.zero_grad()"
_BACK = "loss.backward()"
_STEP = "optimizer.step()"
_START = 'ids = tokenizer.encode(start, prepend="<|bos|>")'
_MORE = "for _ in range(num_tokens):"
_LOGITS = "logits = model(torch.tensor([ids]))"
_CHOSEN = "ids.append(int(logits[0, -1].argmax()))"
_SAID = "return tokenizer.decode(ids[1:])"

WRONGS = [
    wrong(
        "not_shifted",
        "asks for the token that it shows: nothing to predict, and a loss that falls to zero",
        (_ROW, f"{_PAIR}x, x"),
    ),
    wrong(
        "shifted_back",
        "asks for the token before, not for the one that follows",
        (_ROW, f"{_PAIR}y, x"),
    ),
    wrong(
        "no_bos",
        "leaves out <|bos|>, so the first token is never predicted",
        (_IDS, "ids = tokenizer.encode(sentence)"),
    ),
    wrong(
        "one_axis",
        "gives rows without the axis of the batch",
        (_ROW, f"{_PAIR}x[0], y[0]"),
    ),
    wrong(
        "column",
        "makes a column of rows with one token each: nothing is seen but the token itself",
        (_ROW, "return next(batches(ids, len(ids) - 1, 1))"),
    ),
    wrong(
        "last_one_lost",
        "makes the row a token too short, so the sentence's end is never learned",
        (_ROW, "return next(batches(ids, 1, len(ids) - 2))"),
    ),
    wrong(
        "no_zero_grad",
        "does not empty the gradients, so each step repeats all earlier ones",
        (_ZERO, "loss.detach()"),
    ),
    wrong(
        "zeroed_too_late",
        "empties the gradients between backward and step, so that nothing is learned",
        (_ZERO, "loss.detach()"),
        (_BACK, f"{_BACK}\n        optimizer.zero_grad()"),
    ),
    wrong("no_step", "computes gradients and never steps", (_STEP, "loss.detach()")),
    wrong(
        "plain_sgd",
        "steps by SGD, not by AdamW",
        (_ADAMW, "optimizer = torch.optim.SGD(model.parameters(), lr=lr)"),
    ),
    wrong(
        "decays",
        "lets AdamW shrink the weights, which it does unless told otherwise",
        (_ADAMW, _ADAMW.replace(", weight_decay=0.0", "")),
    ),
    wrong(
        "fixed_rate",
        "steps at a rate of its own",
        (_ADAMW, _ADAMW.replace("lr=lr", "lr=0.01")),
    ),
    wrong("fixed_steps", "always takes 60 steps", (_LOOP, "for _ in range(60 + 0 * steps):")),
    wrong(
        "loss_after",
        "tells the loss after each step",
        (_TOLD, "loss.detach()"),
        (_STEP, f"{_STEP}\n        losses.append(model(x, y).item())"),
    ),
    wrong(
        "tensors",
        "keeps the losses as tensors, and with each of them a whole graph",
        (_TOLD, "losses.append(loss)"),
    ),
    wrong(
        "new_optimizer",
        "makes a new optimizer at each step, which has forgotten what it saw",
        (_TOLD, f"{_TOLD}\n        {_ADAMW}"),
    ),
    wrong(
        "first_position",
        "takes the first position's answer, which has seen one token",
        (_CHOSEN, _CHOSEN.replace("-1", "0")),
    ),
    wrong(
        "says_bos",
        "shows <|bos|> in the text",
        (_SAID, "return tokenizer.decode(ids)"),
    ),
    wrong(
        "no_bos_in_front",
        "begins without <|bos|>, though in training it was always there",
        (_START, "ids = tokenizer.encode(start)"),
        (_SAID, "return tokenizer.decode(ids)"),
    ),
    wrong(
        "forgets",
        "shows the model the beginning each time, without what it has said since",
        (_MORE, "start_ids = list(ids)\n    for _ in range(num_tokens):"),
        (_LOGITS, "logits = model(torch.tensor([start_ids]))"),
    ),
    wrong(
        "one_token",
        "says one token, however many were asked for",
        (_MORE, "for _ in range(min(1, num_tokens)):"),
    ),
    wrong(
        "least_likely",
        "takes the least likely token",
        (_CHOSEN, _CHOSEN.replace("argmax", "argmin")),
    ),
]
