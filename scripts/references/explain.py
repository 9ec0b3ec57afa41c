#!/usr/bin/env python3
"""Reference values of attribution methods for a small fixed network, computed with PyTorch alone.

Usage: python3 scripts/references/explain.py > test/fixtures/explain.json
Needs torch and numpy. The methods are written out by their formulas with the conventions of Captum 0.7 (its class names stand beside
each), in double precision. Weights and input are rebuilt from a hash of their names, so they are not stored: values(shape, name, scale).
"""
import json, math, sys, zlib
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

TARGET = 2
STEPS = 7
NOISES = 3
PATCH, STRIDE, FILL = (3, 4), (2, 3), 0.25


def values(shape, name, scale=1.0):
    """Uniform noise of standard deviation `scale` from a 32-bit hash of k + crc32(name)."""
    count = int(np.prod(shape)) if len(shape) else 1
    h = (np.arange(count, dtype=np.uint64) + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h = (h * 2654435761) & 0xFFFFFFFF
    h ^= h >> np.uint64(16)
    h = (h * 2246822519) & 0xFFFFFFFF
    h ^= h >> np.uint64(13)
    noise = (scale * math.sqrt(3) * (h.astype(np.float64) / 2147483648 - 1)).astype(np.float32)
    return torch.from_numpy(noise).reshape(shape).double()


class Net(nn.Module):
    """A convolution with batch normalisation, a residual step, pooling, a convolution and a linear layer."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(6)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.relu2 = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(6, 8, 3)
        self.relu3 = nn.ReLU()
        self.fc = nn.Linear(128, 5)

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(x + self.conv2(x))
        x = self.pool(x)
        x = self.relu3(self.conv3(x))
        return self.fc(x.flatten(1))


def rebuild(net):
    with torch.no_grad():
        for key, tensor in net.state_dict().items():
            if not tensor.dtype.is_floating_point: continue
            if key.endswith("running_var"): tensor.copy_(values(tensor.shape, key, 0.2).abs() + 0.9)
            elif tensor.dim() > 1: tensor.copy_(values(tensor.shape, key, math.sqrt(2 / tensor[0].numel())))
            elif key.endswith("weight"): tensor.copy_(1 + values(tensor.shape, key, 0.1))
            else: tensor.copy_(values(tensor.shape, key, 0.1))


def gradient(net, x):
    x = x.clone().requires_grad_(True)
    net(x)[:, TARGET].sum().backward()
    return x.grad


def with_rectifiers(net, x, rule):
    """captum.attr.GuidedBackprop and Deconvolution: the backward pass of every ReLU is replaced."""
    def hook(_, grad_input, grad_output):
        return (F.relu(grad_input[0] if rule == "guided" else grad_output[0]),)
    handles = [m.register_full_backward_hook(hook) for m in net.modules() if isinstance(m, nn.ReLU)]
    result = gradient(net, x)
    for handle in handles: handle.remove()
    return result


def integrated_gradients(net, x, baseline):
    """captum.attr.IntegratedGradients, method gausslegendre."""
    points, weights = np.polynomial.legendre.leggauss(STEPS)
    total = sum(w / 2 * gradient(net, baseline + (p + 1) / 2 * (x - baseline)) for p, w in zip(points, weights))
    return total * (x - baseline)


def smooth_grad(net, x, noises):
    """captum.attr.NoiseTunnel around Saliency(abs=False), nt_type smoothgrad, with the given noise."""
    return torch.cat([gradient(net, x + noise[None]) for noise in noises]).mean(0, keepdim=True)


def grad_cam(net, x, layer):
    """captum.attr.LayerGradCam with relu_attributions=True; enlarged as torch's interpolate does, bilinear."""
    seen = {}
    handle = layer.register_forward_hook(lambda m, i, o: seen.update(out=o))
    score = net(x.clone().requires_grad_(True))[:, TARGET].sum()
    handle.remove()
    weights = torch.autograd.grad(score, seen["out"])[0].mean(dim=(2, 3), keepdim=True)
    coarse = F.relu((weights * seen["out"]).sum(1, keepdim=True))
    return coarse, F.interpolate(coarse, x.shape[2:], mode="bilinear", align_corners=False)


def occlusion(net, x):
    """captum.attr.Occlusion: the fall of the score, averaged over the windows that cover a place."""
    height, width = x.shape[2:]
    total, count = torch.zeros(height, width).double(), torch.zeros(height, width).double()
    with torch.no_grad():
        whole = net(x)[0, TARGET]
        for i in range(math.ceil((height - PATCH[0]) / STRIDE[0]) + 1):
            for j in range(math.ceil((width - PATCH[1]) / STRIDE[1]) + 1):
                rows = slice(i * STRIDE[0], i * STRIDE[0] + PATCH[0])
                columns = slice(j * STRIDE[1], j * STRIDE[1] + PATCH[1])
                covered = x.clone()
                covered[:, :, rows, columns] = FILL
                total[rows, columns] += whole - net(covered)[0, TARGET]
                count[rows, columns] += 1
    return total / count


def jacobian(net, x):
    """The derivatives of all scores by the first eight elements of what conv3 gives."""
    seen = {}
    handle = net.relu3.register_forward_hook(lambda m, i, o: seen.update(out=o))
    scores = net(x.clone().requires_grad_(True))
    handle.remove()
    rows = [torch.autograd.grad(scores[0, c], seen["out"], retain_graph=True)[0].flatten()[:8] for c in range(5)]
    return torch.stack(rows)


def main():
    net = Net().double().eval()
    rebuild(net)
    x = values((1, 3, 12, 12), "input")
    baseline = values((1, 3, 12, 12), "baseline", 0.1)
    noises = values((NOISES, 3, 12, 12), "noise", 0.3)
    coarse, cam = grad_cam(net, x, net.relu2)
    seen = {}
    net.conv2.register_forward_hook(lambda m, i, o: seen.update(out=o))
    unit_input = x.clone().requires_grad_(True)
    net(unit_input)
    unit = torch.autograd.grad(seen["out"][0, 4, 5, 7], unit_input, retain_graph=True)[0]
    channel = torch.autograd.grad(seen["out"][0, 4].mean(), unit_input)[0]
    plain = gradient(net, x)
    found = {
        "scores": net(x)[0],
        "saliency": plain.abs().amax(1),
        "gradientTimesInput": plain * x,
        "integratedGradients": integrated_gradients(net, x, baseline),
        "smoothGrad": smooth_grad(net, x, noises),
        "guidedBackprop": with_rectifiers(net, x, "guided"),
        "deconvnet": with_rectifiers(net, x, "deconvnet"),
        "gradCamCoarse": coarse,
        "gradCam": cam,
        "occlusion": occlusion(net, x),
        "unitGradient": unit,
        "channelGradient": channel,
        "jacobian": jacobian(net, x),
    }
    settings = {"target": TARGET, "steps": STEPS, "noises": NOISES, "patch": PATCH, "stride": STRIDE, "fill": FILL}
    tensors = {k: [float(f"{v:.7g}") for v in t.detach().flatten().tolist()] for k, t in found.items()}
    about = f"Written by scripts/references/explain.py with PyTorch {torch.__version__}; captum's conventions"
    json.dump({"about": about, "settings": settings, "values": tensors}, sys.stdout, separators=(",", ":"))
    print()


main()
