"""What two channels cost: CharBERT models beside the plain encoder, BERT-base size, in one run.

    python benchmarks/charbert_speed.py [--device cuda --dtype bfloat16 --batch 64]
    python benchmarks/charbert_speed.py --channel charbert-minilm-l6 --texts dev.jsonl.gz

The second form compares a channel that recognises words with its backbone, on the texts of a file (JSON Lines with
``text``). Every round times all models one after the other; printed are medians of the ratios within a round. ``--clock
cpu`` counts the time that the process computed, for machines with other work; use it with one thread.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer, BertConfig

from charrobust.models import CharBertConfig, CharBertModel
from charrobust.models.channels import tokenizer_directory
from charrobust.models.characters import build_sequences

Job = Callable[[], object]
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


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


def timed(job: Job, options: argparse.Namespace) -> float:
    """Return the seconds of one run."""
    clock = CLOCKS[options.clock]
    start = clock()
    job()
    if options.device != "cpu":
        torch.cuda.synchronize()
    return clock() - start


def compare(title: str, jobs: dict[str, Job], options: argparse.Namespace, rounds: int) -> None:
    """Print the time of each job against the first one."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for round_number in range(rounds + 1):
        for name, job in jobs.items():
            seconds = timed(job, options)
            if round_number:
                taken[name].append(seconds)
    first = next(iter(taken.values()))
    print(title)
    for name, times in taken.items():
        ratio = statistics.median(mine / base for mine, base in zip(times, first, strict=True))
        print(f"  {name:<52}{statistics.median(times) * 1e3:9.1f} ms{ratio:8.3f} x", flush=True)


def compare_channel(options: argparse.Namespace) -> None:
    """Time the reading of texts by a channel and by its backbone."""
    source = tokenizer_directory(options.channel)
    tokenizer = AutoTokenizer.from_pretrained(source)
    plain = AutoModel.from_pretrained(source, attn_implementation="sdpa", add_pooling_layer=False)
    channel = CharBertModel.from_pretrained(options.channel)
    for model in (plain, channel):
        model.eval().to(options.device, getattr(torch, options.dtype))
    with gzip.open(options.texts, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][: options.sentences]
    batches = []
    for begin in range(0, len(texts), options.batch):
        batch = tokenizer(texts[begin : begin + options.batch], padding=True, return_tensors="pt").to(options.device)
        batches.append({name: batch[name] for name in ("input_ids", "attention_mask")})

    def reading(model: torch.nn.Module, forget: str = "never") -> Job:
        def job() -> None:
            if forget == "first":
                channel.word_cache.forget()
            with torch.inference_mode():
                for batch in batches:
                    if forget == "always":
                        channel.word_cache.forget()
                    model(**batch)

        return job

    jobs = {
        "backbone": reading(plain),
        "channel, every batch new": reading(channel, "always"),
        "channel, texts read for the first time": reading(channel, "first"),
        "channel, texts of words read before": reading(channel),
    }
    compare(f"{len(texts)} texts, {options.threads} threads", jobs, options, options.rounds)


def main() -> None:
    """Time forward passes, and forward with backward."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--channel")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--sentences", type=int)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.channel:
        compare_channel(options)
        return
    backbone = BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    ids = torch.randint(1000, 30000, (options.batch, options.length)).to(options.device)
    mask = torch.ones_like(ids)
    models: dict[str, torch.nn.Module] = {
        "plain encoder": AutoModel.from_config(backbone, attn_implementation="sdpa", add_pooling_layer=False),
        "released interaction": make(backbone, interaction="released", character_rnn="sequence"),
        "released interaction, word-by-word characters": make(backbone, interaction="released"),
        "the same, by convolutions": make(backbone, interaction="released", character_encoder="cnn"),
        "gated interaction": make(backbone),
        "released, first two layers dual": make(
            backbone, interaction="released", interaction_layers=[0, 1], character_rnn="sequence"
        ),
        "the same, word-by-word characters": make(backbone, interaction="released", interaction_layers=[0, 1]),
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
    compare("forward", jobs | {"building characters from input_ids": characters}, options, options.rounds)
    trained = ("plain encoder", "released interaction", *list(models)[-2:])
    jobs = {name: training(models[name]) for name in trained}
    compare("forward and backward", jobs, options, max(3, options.rounds // 2))


if __name__ == "__main__":
    main()
