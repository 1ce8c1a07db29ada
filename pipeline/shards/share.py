"""How much of the supervised dataset may be threads: too many teach a model to chat, not to answer.

A model that reads much talk takes instructions and plain questions for the beginning of a
conversation (Zhao et al. 2023, A Survey of Large Language Models, section 4.1.1).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taojin.pipeline.qa.dialogues.made import THREAD


def within_share(table: pa.Table, share: float) -> NDArray[np.bool_]:
    """Whether each row of the dataset stays, so that threads have at most that share of its tokens.

    Those that stay are drawn by their ids, which are hashes; without other rows none stays, unless
    the share is 1.
    """
    threads = pc.equal(table["task"], THREAD).to_numpy()
    if share >= 1 or not threads.any():
        return np.ones(table.num_rows, np.bool_)
    tokens = pc.list_value_length(table["input_ids"]).to_numpy()
    most = tokens[~threads].sum() * share / (1 - share)
    ids = table["dialogue_id"].to_numpy(zero_copy_only=False)
    drawn = np.argsort(np.where(threads, ids, ""), kind="stable")
    stays = np.empty(table.num_rows, np.bool_)
    stays[drawn] = np.cumsum(np.where(threads, tokens, 0)[drawn]) <= most
    return stays | ~threads
