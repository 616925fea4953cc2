"""Model files: their checksums, and ONNX sessions on them."""
