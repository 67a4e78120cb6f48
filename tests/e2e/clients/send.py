"""Sends the same question with an SDK, once at once and once as a stream, and prints both answers.

usage: python send.py openai|anthropic BASE_URL MODEL, with the token in WAYPOST_TOKEN
"""

import json
import os
import sys

api, base_url, model = sys.argv[1:]
messages = [{"role": "user", "content": "Hello"}]
options = {"api_key": os.environ["WAYPOST_TOKEN"], "base_url": base_url, "max_retries": 0}


def openai():
    from openai import OpenAI

    completions = OpenAI(**options).chat.completions
    whole = completions.create(model=model, messages=messages)
    chunks = completions.create(model=model, messages=messages, stream=True)
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    return {"whole": whole.choices[0].message.content, "streamed": "".join(deltas)}


def anthropic():
    from anthropic import Anthropic

    client = Anthropic(**options)
    question = {"model": model, "messages": messages, "max_tokens": 64}
    whole = client.messages.create(**question)
    with client.messages.stream(**question) as stream:
        streamed = "".join(stream.text_stream)
    return {"whole": whole.content[0].text, "streamed": streamed}


print(json.dumps({"openai": openai, "anthropic": anthropic}[api]()))
