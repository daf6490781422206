"""What two channels cost: CharBERT models beside the plain encoder, BERT-base size, in one run.

    python benchmarks/charbert_speed.py [--device cuda --dtype bfloat16 --batch 64]

Every round times all models one after the other; printed are medians of the ratios within a round.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from transformers import AutoModel, BertConfig

from charrobust.models import CharBertConfig, CharBertModel
from charrobust.models.characters import build_sequences

Job = Callable[[], object]


def make(backbone: BertConfig, **options: object) -> CharBertModel:
    """Build a model whose tokens have about the characters that word pieces have: 1 to 9."""
    vocabulary = ["", *map(chr, range(0x100, 0x100 + 1000))]
    model = CharBertModel(
        CharBertConfig(backbone_config=backbone.to_dict(), character_vocabulary=vocabulary, **options)
    )
    generator = torch.Generator().manual_seed(0)
    table = torch.randint(1, 1000, model.token_characters.shape, generator=generator, dtype=torch.int32)
    widths = torch.randint(1, 10, (len(table), 1), generator=generator)
    model.token_characters.copy_(table * (torch.arange(table.size(1)) < widths))
    return model


def timed(job: Job, device: str) -> float:
    """Return the seconds of one run."""
    start = time.perf_counter()
    job()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def compare(title: str, jobs: dict[str, Job], rounds: int, device: str) -> None:
    """Print the time of each job against the first one."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for round_number in range(rounds + 1):
        for name, job in jobs.items():
            seconds = timed(job, device)
            if round_number:
                taken[name].append(seconds)
    first = next(iter(taken.values()))
    print(title)
    for name, times in taken.items():
        ratio = statistics.median(mine / base for mine, base in zip(times, first, strict=True))
        print(f"  {name:<52}{statistics.median(times) * 1e3:9.1f} ms{ratio:8.3f} x", flush=True)


def main() -> None:
    """Time forward passes, and forward with backward."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    backbone = BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    ids = torch.randint(1000, 30000, (options.batch, options.length)).to(options.device)
    mask = torch.ones_like(ids)
    models: dict[str, torch.nn.Module] = {
        "plain encoder": AutoModel.from_config(backbone, attn_implementation="sdpa", add_pooling_layer=False),
        "released interaction": make(backbone, interaction="released"),
        "released interaction, word-by-word characters": make(backbone, interaction="released", character_rnn="token"),
        "gated interaction": make(backbone),
        "released, first two layers dual": make(backbone, interaction="released", interaction_layers=[0, 1]),
    }
    for model in models.values():
        model.to(options.device, getattr(torch, options.dtype))
    print(
        f"batch {options.batch} x {options.length}, {options.device}, {options.dtype}, "
        f"medians of {options.rounds} rounds"
    )

    def forward(model: torch.nn.Module) -> Job:
        def job() -> None:
            with torch.inference_mode():
                model.eval()(input_ids=ids, attention_mask=mask)

        return job

    def training(model: torch.nn.Module) -> Job:
        def job() -> None:
            model.train().zero_grad()
            out = model(input_ids=ids, attention_mask=mask)
            loss = out.last_hidden_state.float().square().mean()
            if "character_last_hidden_state" in out:
                loss = loss + out.character_last_hidden_state.float().square().mean()
            loss.backward()

        return job

    released = models["released interaction"]

    def characters() -> None:
        with torch.inference_mode():
            build_sequences(released.token_characters[ids].long(), mask.bool(), None)

    jobs = {name: forward(model) for name, model in models.items()}
    compare("forward", jobs | {"building characters from input_ids": characters}, options.rounds, options.device)
    trained = ("plain encoder", "released interaction", "released, first two layers dual")
    jobs = {name: training(models[name]) for name in trained}
    compare("forward and backward", jobs, max(3, options.rounds // 2), options.device)


if __name__ == "__main__":
    main()
