"""Export: a training run becomes one self-describing ONNX decoder and its encoder."""
