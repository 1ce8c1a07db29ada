"""The tokens that no text can produce, and the chat template that is made of them."""

import re

PAD, BOS, EOS, UNK = "<pad>", "<s>", "</s>", "<unk>"
SYSTEM, USER, ASSISTANT, END = "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"

ROLES = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
CHAT = (SYSTEM, USER, ASSISTANT, END)
ALL = (PAD, BOS, EOS, UNK, *CHAT)
BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""The names of the 256 bytes that stand for what no piece covers."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('the roles are system, user and assistant') }}"
    "{% endif %}"
    "{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
"""Jinja, as Hugging Face reads it; `chat.render_messages` gives the same ids without it."""
