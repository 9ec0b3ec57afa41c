"""Writes test/fixtures/detection.json: region pooling, suppression and box regression by torchvision.

Run from the root of the project with a Python that has PyTorch and torchvision:

    python3 scripts/references/detection.py
"""

import json

import torch
import torchvision
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import batched_nms, box_area, box_iou, clip_boxes_to_image, nms, roi_pool


def rounded(tensor, digits=6):
    return [rounded(row, digits) for row in tensor] if tensor.dim() else round(tensor.item(), digits)


def pooling():
    """Features count by a step that never repeats within a plane, so that every maximum has one place."""
    features = ((torch.arange(2 * 2 * 7 * 9) * 37) % 101).float().reshape(2, 2, 7, 9) / 10
    features.requires_grad_(True)
    regions = torch.tensor(
        [[0, 0, 0, 12, 9], [1, 3.25, 2.75, 11.5, 13.75], [0, 5, 5, 5, 5], [1, -4, -3, 6, 5], [0, 10, 4, 40, 30], [1, 14.5, 1.5, 17.5, 12.5]]
    )
    pooled = roi_pool(features, regions, output_size=3, spatial_scale=0.5)
    upstream = ((torch.arange(pooled.numel()) * 13) % 7).float().reshape(pooled.shape)
    pooled.backward(upstream)
    return {
        "regions": regions.tolist(),
        "pooled": rounded(pooled.detach().flatten()),
        "gradient": rounded(features.grad.flatten()),
    }


def boxes():
    generator = torch.Generator().manual_seed(5)
    corners = torch.rand(24, 2, generator=generator) * 40
    sizes = torch.rand(24, 2, generator=generator) * 20 + 4
    all_boxes = (torch.cat([corners, corners + sizes], 1) * 4).round() / 4
    scores = (torch.rand(24, generator=generator) * 1000).round() / 1000
    labels = torch.randint(0, 3, (24,), generator=generator)
    first, second = all_boxes[:6], all_boxes[6:12]
    coder = BoxCoder((1.0, 1.0, 1.0, 1.0))
    deltas = torch.tensor(
        [[0.1, -0.2, 0.3, -0.4], [1.5, 0, 0, 5], [-0.5, 0.5, -1, 1], [0, 0, 9, 0], [0.25, 0.25, 0.25, 0.25], [-1, -1, -1, -1]]
    )
    return {
        "boxes": all_boxes.tolist(),
        "scores": rounded(scores, 3),
        "labels": labels.tolist(),
        "areas": box_area(first).tolist(),
        "iou": rounded(box_iou(first, second)),
        "nms": {str(limit): nms(all_boxes, scores, limit).tolist() for limit in (0.1, 0.3, 0.5, 0.7)},
        "batchedNms": {str(limit): batched_nms(all_boxes, scores, labels, limit).tolist() for limit in (0.1, 0.3)},
        "encoded": rounded(coder.encode_single(second, first)),
        "deltas": rounded(deltas, 3),
        "decoded": rounded(coder.decode_single(deltas, first), 4),
        "clipped": clip_boxes_to_image(first - 10, (30, 25)).tolist(),
    }


with open("test/fixtures/detection.json", "w", encoding="utf8") as file:
    json.dump({"torchvision": torchvision.__version__, **pooling(), **boxes()}, file)
    file.write("\n")
