"""Photographs as JPEG files of many kinds, each beside the pixels that Pillow reads from it.

    python jpeg_photographs.py FOLDER

The photographs are those that Python packages carry: in a virtual environment, install `pillow scikit-image
scikit-learn matplotlib` and, with `--no-deps`, `gradio mahotas ultralytics`; what is not installed is left out.
FOLDER gets every JPEG file as it is, every photograph encoded anew in the kinds below, one photograph of
12 megapixels, and for each `NAME.jpg` a `NAME.png` with what Keras' `load_img` gives. The example `jpeg` of the
tests' crate compares decoders with it.
"""

import importlib.util
import pathlib
import sys

from PIL import Image, features

# Where each package keeps its photographs.
PACKAGES = {
    "skimage": "data",
    "sklearn": "datasets/images",
    "matplotlib": "mpl-data/sample_data",
    "gradio": "media_assets/images",
    "mahotas": "demos/data",
    "ultralytics": "assets",
}

# Drawings, text and masks that lie beside the photographs.
NOT_PHOTOGRAPHS = {"text", "page", "horse", "color", "multipage_rgb"}

# How a photograph is encoded: the mode, then what `Image.save` takes.
KINDS = {
    "q90-420": ("RGB", {"quality": 90, "subsampling": "4:2:0"}),
    "q75-422": ("RGB", {"quality": 75, "subsampling": "4:2:2"}),
    "q95-444": ("RGB", {"quality": 95, "subsampling": "4:4:4"}),
    "q30-420": ("RGB", {"quality": 30, "subsampling": "4:2:0"}),
    "progressive-420": ("RGB", {"quality": 85, "subsampling": "4:2:0", "progressive": True}),
    "progressive-422": ("RGB", {"quality": 60, "subsampling": "4:2:2", "progressive": True}),
    "progressive-444": ("RGB", {"quality": 92, "subsampling": "4:4:4", "progressive": True}),
    "restarts-420": ("RGB", {"quality": 80, "subsampling": "4:2:0", "restart_marker_rows": 1, "optimize": True}),
    "rgb": ("RGB", {"quality": 90, "keep_rgb": True}),
    "grey": ("L", {"quality": 85}),
    "grey-progressive": ("L", {"quality": 70, "progressive": True}),
    "cmyk": ("CMYK", {"quality": 90}),
    "cmyk-progressive": ("CMYK", {"quality": 75, "progressive": True}),
    "exif-6": ("RGB", {"quality": 88, "subsampling": "4:2:0"}),
    "odd-420": ("RGB", {"quality": 85, "subsampling": "4:2:0"}),
    "odd-422": ("RGB", {"quality": 85, "subsampling": "4:2:2"}),
}

EACH = 4


def photographs():
    """Paths of the photographs, in the order of their names."""
    for package, folder in PACKAGES.items():
        spec = importlib.util.find_spec(package)
        if spec is None:
            print(f"{package} is not installed")
            continue
        folder = pathlib.Path(spec.submodule_search_locations[0]) / folder
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".tif"} and path.stem not in NOT_PHOTOGRAPHS and "logo" not in path.stem:
                yield f"{package}-{path.stem}", path


def encode(image, kind, path):
    mode, arguments = KINDS[kind]
    if kind.startswith("odd"):
        # A size that no block and no unit of the sampling divides.
        image = image.crop((3, 5, image.width - image.width % 16 - 3, image.height - image.height % 16 - 8))
    if kind.startswith("exif"):
        exif = Image.Exif()
        exif[0x0112] = 6
        arguments = {**arguments, "exif": exif}
    image.convert("RGB").convert(mode).save(path, "JPEG", **arguments)


def decode(path):
    """As `keras.utils.load_img`: no orientation is applied."""
    image = Image.open(path)
    if image.mode != "RGB":
        image = image.convert("RGB")
    image.save(path.with_suffix(".png"), compress_level=1)


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kinds = list(KINDS)
    count, largest = 0, None
    for i, (name, path) in enumerate(photographs()):
        written = []
        image = Image.open(path)
        if image.format == "JPEG":
            written.append(folder / f"{name}-own.jpg")
            written[0].write_bytes(path.read_bytes())
        for j in range(EACH):
            kind = kinds[(i * EACH + j) % len(kinds)]
            written.append(folder / f"{name}-{kind}.jpg")
            encode(image, kind, written[-1])
        for file in written:
            decode(file)
        count += len(written)
        if largest is None or image.width * image.height > largest.width * largest.height:
            largest = image
    photo = folder / "12-megapixels.jpg"
    image = largest.convert("RGB").resize((4000, 3000), Image.Resampling.LANCZOS)
    image.save(photo, "JPEG", quality=90, subsampling="4:2:0")
    decode(photo)
    turbo = features.version_feature("libjpeg_turbo")
    print(f"{count + 1} files; Pillow {Image.__version__} with libjpeg-turbo {turbo}")


if __name__ == "__main__":
    main(*sys.argv[1:])
