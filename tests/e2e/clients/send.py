"""Asks the same question of several models with an SDK, each at once and then as a stream, and
prints the answers, or the error in place of them.

usage: python send.py openai|anthropic BASE_URL < [{"token": …, "model": …}]
"""

import json
import sys

api, base_url = sys.argv[1:]
messages = [{"role": "user", "content": "Hello"}]


def openai(options, model):
    from openai import OpenAI

    completions = OpenAI(**options).chat.completions
    whole = completions.create(model=model, messages=messages)
    chunks = completions.create(model=model, messages=messages, stream=True)
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    return {"whole": whole.choices[0].message.content, "streamed": "".join(deltas)}


def anthropic(options, model):
    from anthropic import Anthropic

    client = Anthropic(**options)
    question = {"model": model, "messages": messages, "max_tokens": 64}
    whole = client.messages.create(**question)
    with client.messages.stream(**question) as stream:
        streamed = "".join(stream.text_stream)
    return {"whole": whole.content[0].text, "streamed": streamed}


answers = []
for asked in json.load(sys.stdin):
    options = {"api_key": asked["token"], "base_url": base_url, "max_retries": 0}
    try:
        answers.append({"openai": openai, "anthropic": anthropic}[api](options, asked["model"]))
    except Exception as error:
        answers.append({"error": type(error).__name__, "message": str(error)})
print(json.dumps(answers))
