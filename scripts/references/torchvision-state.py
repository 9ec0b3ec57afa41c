"""Writes test/fixtures/torchvision-state.json: what the state dicts of torchvision's networks hold, as counts and a digest.

Run from the root of the project with a Python that has PyTorch and torchvision:

    python3 scripts/references/torchvision-state.py
"""

import hashlib
import json

import torchvision
from torchvision import models

NAMES = (
    "alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn googlenet resnet18 resnet34 resnet50 resnet101 resnet152 "
    "resnext50_32x4d wide_resnet50_2 densenet121 densenet169 densenet201 squeezenet1_0 squeezenet1_1 mobilenet_v2"
).split()


def describe(name):
    options = {"aux_logits": True, "init_weights": False} if name == "googlenet" else {}
    network = getattr(models, name)(weights=None, **options)
    state = network.state_dict()
    lines = [f"{key} {','.join(map(str, value.shape))}" for key, value in state.items()]
    return {
        "keys": len(lines),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


with open("test/fixtures/torchvision-state.json", "w", encoding="utf8") as file:
    json.dump({"torchvision": torchvision.__version__, "networks": {name: describe(name) for name in NAMES}}, file, indent=2)
    file.write("\n")
