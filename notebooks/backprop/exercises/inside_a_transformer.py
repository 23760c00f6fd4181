"""Lesson 08, Inside a transformer: normalisation, embedding, attention,
convolution, max-pooling, residual connections; a language model.

Rows are examples or the positions of a text, columns are features. Where the upstream gradient
comes from a later layer that is not asked about, the loss is the sum of upstream gradient times
output. The exercises are declared in `transformer`, one file for each kind of layer.
"""

from . import lesson
from .transformer.attention import attention_links, attention_rows, causal_attention, head_backward
from .transformer.convolution import convolution_backward, convolution_links
from .transformer.embedding import embedding_backward
from .transformer.model import mlp_block_backward, model_backward, train_model
from .transformer.normalisation import batch_norm_backward, layer_norm_backward, layer_norm_links, shift_and_scale
from .transformer.recall import recall_08
from .transformer.routing import dropout_residual_backward, max_pool_backward, row_max_backward

IN_ORDER = (
    recall_08,
    shift_and_scale,
    layer_norm_links,
    layer_norm_backward,
    batch_norm_backward,
    embedding_backward,
    causal_attention,
    attention_rows,
    attention_links,
    head_backward,
    convolution_links,
    convolution_backward,
    row_max_backward,
    max_pool_backward,
    dropout_residual_backward,
    mlp_block_backward,
    model_backward,
    train_model,
)
EXERCISES, __getattr__ = lesson({exercise.name: exercise for exercise in IN_ORDER})
