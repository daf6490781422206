"""Models as recorded programs: right at other sizes than those they were recorded at, as are trained models in Python."""

import warnings

import pytest
import torch

from charrobust.models import CharBertForSequenceClassification, CharBertForTokenClassification
from tests.models.families import BACKBONES, make_model

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RECOGNISING = {"character_rnn": "word", "character_entry": "recognised", "lexicon_size": 7, "interaction": "highway"}
IN_CONTEXT = {**RECOGNISING, "recogniser_context_size": 6}
VARIANTS = [
    {"interaction": "released"}, {"interaction": "released", "padding": "released"}, {"interaction_layers": [0, 1]},
    {"character_rnn": "token", "character_entry": "embedded"}, {"character_rnn": "word"}, RECOGNISING,
    IN_CONTEXT,
]  # fmt: skip
RECORDED = (3, 9)
# the length of the gates of the recurrent network, and batches and texts of one, are among the sizes
OTHERS = [(3, 9), (2, 14), (5, 6), (1, 9), (1, 4), (3, 3), (4, 24)]
# of several programs exported in one process, some refuse the length at which characters are as many as gates (4 here)
EXPORTED = [size for size in OTHERS if size[1] != 4]
FREE = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}


class Called(torch.nn.Module):
    """A model called by names, as users call it, that returns tensors."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)


def make_called(name, kind=None, **options):
    model = make_model(name, **({} if kind is None else {"kind": kind}), **options)
    body = getattr(model, "charbert", model)
    if body.config.character_rnn == "word":
        body.token_roles.random_(0, 3, generator=torch.Generator().manual_seed(3))
    if body.config.recogniser_context_size:  # new, it says nothing
        torch.nn.init.normal_(body.context.expects.weight)
    return Called(model)


def make_inputs(batch, length):
    """Return ids and mask, with padding in the last text of several."""
    ids = torch.randint(5, 99, (batch, length), generator=torch.Generator().manual_seed(batch * 100 + length))
    mask = torch.ones_like(ids)
    if batch > 1:
        mask[-1, -2:] = 0
    return ids, mask


def traced(model, size=RECORDED):
    with warnings.catch_warnings():
        # that tracing is old, and that what Python looks up becomes a constant: what these tests are about
        warnings.simplefilter("ignore")
        # what it would check by tracing once more is checked below, at other sizes, too
        return torch.jit.trace(model, make_inputs(*size), check_trace=False)


def exported(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, on what it imports
        return torch.export.export(model, make_inputs(*RECORDED), dynamic_shapes=(FREE, FREE))


def check(program, model, sizes=OTHERS):
    for size in sizes:
        inputs = make_inputs(*size)
        with torch.no_grad():
            for computed, expected in zip(program(*inputs), model(*inputs), strict=True):
                assert (computed - expected).abs().max() <= 1e-5, size


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_traced_models_agree(options):
    model = make_called("bert", **options)
    check(traced(model), model)


@pytest.mark.parametrize("size", [(1, 9), (1, 2)], ids=str)
def test_what_is_traced_need_not_have_padding_or_long_words(size):
    model = make_called("bert", CharBertForSequenceClassification, **RECOGNISING, num_labels=3)
    check(traced(model, size), model)


@pytest.mark.parametrize("name", [name for name in BACKBONES if name != "longformer"])
def test_traced_models_of_every_family_agree(name):
    model = make_called(name, interaction="released")
    check(traced(model), model)


def test_a_longformer_is_refused():
    with pytest.raises(ValueError, match=r"a Longformer cannot be recorded .*; run the model in Python"):
        traced(make_called("longformer"))


@pytest.mark.nightly
@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_exported_models_agree(options):
    model = make_called("bert", **options)
    check(exported(model).module(), model, EXPORTED)


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("name", ["distilbert", "deberta-v2", "modernbert"])
def test_exported_models_of_other_families_agree(name):
    model = make_called(name, interaction="released")
    check(exported(model).module(), model, EXPORTED)


def test_a_traced_head_agrees():
    model = make_called("bert", CharBertForSequenceClassification, num_labels=3)
    check(traced(model), model)


@pytest.mark.slow
@pytest.mark.nightly  # the exporter takes a minute
def test_an_onnx_program_agrees(tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    model = make_called("bert", CharBertForTokenClassification, interaction="released", num_labels=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, make_inputs(*RECORDED), tmp_path / "model.onnx", dynamic_shapes=(FREE, FREE), dynamo=True
        )
    session = runtime.InferenceSession(tmp_path / "model.onnx")

    def program(ids, mask):
        outputs = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        return [torch.from_numpy(output) for output in outputs]

    check(program, model, EXPORTED)
