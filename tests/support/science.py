"""Files as scanners, microscopes and phones write them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import tifffile
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian


def dicom_bytes(frames: np.ndarray, *, syntax: str = ExplicitVRLittleEndian, encode=None, **said: object) -> bytes:
    """Return a DICOM file of (N, H, W) or (N, H, W, 3) frames; `encode` compresses one, and `said` sets elements."""
    dataset = pydicom.Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3.4"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = frames.shape[:3]
    dataset.SamplesPerPixel = 3 if frames.ndim == 4 else 1
    dataset.PhotometricInterpretation = "RGB" if frames.ndim == 4 else "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = frames.dtype.itemsize * 8
    dataset.PixelRepresentation = 1 if frames.dtype.kind == "i" else 0
    if frames.ndim == 4:
        dataset.PlanarConfiguration = 0
    for name, value in said.items():
        setattr(dataset, name, value)
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelData = frames.tobytes() if encode is None else encapsulate([encode(frame) for frame in frames])
    dataset["PixelData"].VR = "OB" if encode or frames.dtype.itemsize == 1 else "OW"
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def write_slide(path: Path, pixels: np.ndarray, levels: int = 3) -> None:
    """Write an Aperio slide, of 0.5 µm a pixel under an objective of 20, halved in size from level to level."""
    height, width = pixels.shape[:2]
    size = f"{width}x{height}"
    text = f"Aperio Image Library v10\r\n{size} [0,0 {size}] (64x64) JPEG/RGB Q=90|AppMag = 20|MPP = 0.5"
    with tifffile.TiffWriter(path) as file:
        for level in range(levels):
            reduced = np.ascontiguousarray(pixels[:: 2**level, :: 2**level])
            file.write(
                reduced,
                photometric="rgb",
                tile=(64, 64),
                compression="jpeg",
                compressionargs={"level": 95},
                description=text if level == 0 else f"Aperio Image Library v10\r\n{width}x{height} -> level {level}",
                metadata=None,
                subfiletype=0,
            )
